-- insert_non_fmd --
-- Puts a batch on the list; nothing happens where it is there already.
INSERT INTO non_fmd_batch (product_code, scheme, batch, risk_note, added_by, added_at)
VALUES (%(product_code)s, %(scheme)s, %(batch)s, %(risk_note)s, %(added_by)s, %(now)s)
    ON CONFLICT DO NOTHING
RETURNING added_at

-- delete_non_fmd --
-- Takes a batch off the list.
DELETE FROM non_fmd_batch
 WHERE (product_code, scheme, batch) = (%(product_code)s, %(scheme)s, %(batch)s)
RETURNING risk_note

-- read_non_fmd --
-- The whole list.
SELECT scheme, product_code, batch, risk_note, added_by, added_at FROM non_fmd_batch ORDER BY product_code, batch
