-- open_alerts --
-- How many open alerts name the batch by its old or its new number, and will be analysed again.
SELECT count(*) FROM alert_file
 WHERE product_id = %(product_id)s AND batch = ANY (%(batches)s::text[]) AND status <> 'closed'
