-- count_product_alerts --
-- The company's open alerts in figures. What is answered waits for it no more; locations are never named here.
SELECT coalesce(sum(alerts), 0) AS alerts, coalesce(sum(waiting), 0) AS waiting, coalesce(sum(overdue), 0) AS overdue,
       coalesce(sum(suspicions), 0) AS suspicions
  FROM alert_batch_sum WHERE organisation_id = %(organisation_id)s

-- list_batches --
-- The company's open alerts, a row for each batch as it was sent.
SELECT counted.product_code, product.name AS product_name, counted.batch, counted.alerts, counted.locations,
       counted.waiting, counted.overdue, counted.suspicions, counted.due_at, counted.oldest_at, counted.cause
  FROM alert_batch_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s
   AND (%(what)s = '' OR (%(what)s = 'waiting' AND counted.waiting > 0) OR (%(what)s = 'overdue' AND counted.overdue > 0)
        OR (%(what)s = 'suspicions' AND counted.suspicions > 0))
   AND (%(pattern)s = '%%' OR counted.product_code LIKE %(pattern)s OR counted.batch LIKE %(pattern)s
        OR counted.product_id IN (SELECT product_id FROM product
                                   WHERE organisation_id = %(organisation_id)s AND name ~ %(forgiving)s))

-- late_batches --
-- Batches with an answer that is overdue, the longest overdue first.
SELECT counted.product_code, product.name AS product_name, counted.batch, counted.alerts, counted.locations,
       counted.waiting, counted.overdue, counted.suspicions, counted.due_at, counted.oldest_at, counted.cause
  FROM alert_batch_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s AND counted.overdue > 0
 ORDER BY counted.due_at, counted.product_code, counted.batch
 LIMIT %(at_most)s

-- list_near_misses --
-- How what was sent differs from what the company uploaded, by the likeliest hypothesis of the latest analysis: a row
-- for each batch and kind of difference that came up since a moment.
SELECT near_miss_id, counted.product_id, counted.product_code, product.name AS product_name, counted.batch,
       counted.cause, counted.field, counted.how, counted.places, counted.alerts, counted.sent_values,
       counted.locations, counted.same_value_locations, counted.latest_at
  FROM near_miss_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s AND counted.only_open = (%(status)s = '') AND counted.latest_at >= %(since)s
   AND (%(pattern)s = '%%' OR counted.product_code LIKE %(pattern)s OR counted.batch LIKE %(pattern)s
        OR counted.product_id IN (SELECT product_id FROM product
                                   WHERE organisation_id = %(organisation_id)s AND name ~ %(forgiving)s))

-- examples_of_near_misses --
-- What was sent beside what is stored, of the rows of a page: they are wide, and read for no others.
SELECT near_miss_id, examples FROM near_miss_sum WHERE near_miss_id = ANY (%(near_miss_ids)s::bigint[])
