-- no transaction

-- The analysis of alerts compares what was sent with the packs of one batch, and asks whether others have handled packs
-- of it. Packs of a batch are uploaded together and lie together, so a block range index finds them; it is a thousandth
-- of the size of another index and costs an upload nothing (docs/adr/0013). Packs that were changed may lie elsewhere:
-- then more is read, and nothing is missed.
DROP INDEX CONCURRENTLY IF EXISTS pack_of_batch;
CREATE INDEX CONCURRENTLY pack_of_batch ON pack USING brin (product_id, batch_id) WITH (pages_per_range = 32);
