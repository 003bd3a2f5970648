-- list_held_batches --
-- Requests that the reader's locations are asked about. The company is not read here at all.
SELECT answer.hold_id, answer.location_id, location.name AS location_name, product.product_code,
       product.name AS product_name, hold.batch, hold.state AS request_state, hold.asked_at, answer.state, answer.packs
  FROM sales_hold_answer AS answer
  JOIN sales_hold AS hold USING (hold_id)
  JOIN product USING (product_id)
  JOIN location ON location.location_id = answer.location_id
 WHERE (answer.organisation_id = %(organisation_id)s OR answer.location_id = ANY (%(location_ids)s::integer[]))
   AND (%(state)s = 'any'
        OR (%(state)s = 'waiting' AND ((hold.state = 'asked' AND answer.state = 'asked')
                                       OR (hold.state = 'lifted' AND answer.state = 'held')))
        OR (%(state)s = 'under_way' AND (hold.state = 'asked' OR answer.state = 'held')))
   AND (%(pattern)s = '%%' OR product.product_code LIKE %(pattern)s OR hold.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s)

-- count_held_batches --
-- What waits for the reader, and what is under way.
SELECT count(*) FILTER (WHERE (hold.state = 'asked' AND answer.state = 'asked')
                           OR (hold.state = 'lifted' AND answer.state = 'held')) AS waiting,
       count(*) FILTER (WHERE answer.state = 'held') AS held
  FROM sales_hold_answer AS answer
  JOIN sales_hold AS hold USING (hold_id)
 WHERE answer.organisation_id = %(organisation_id)s OR answer.location_id = ANY (%(location_ids)s::integer[])
