-- list_sales_holds --
-- Requests within reach, with how many were asked and what they answered.
SELECT hold.hold_id, hold.batch, product.product_code, product.name AS product_name, hold.state, hold.asked_at,
       company.name AS company_name, counted.asked, counted.answered, counted.holding, counted.packs
  FROM sales_hold AS hold
  JOIN product USING (product_id)
  JOIN organisation AS company ON company.organisation_id = hold.organisation_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS asked, count(*) FILTER (WHERE state <> 'asked') AS answered,
              count(*) FILTER (WHERE state = 'held') AS holding,
              coalesce(sum(packs) FILTER (WHERE state = 'held'), 0) AS packs
         FROM sales_hold_answer AS answer WHERE answer.hold_id = hold.hold_id) AS counted
 WHERE (%(everything)s OR hold.organisation_id = %(organisation_id)s)
   AND (%(state)s = 'any' OR hold.state = %(state)s)
   AND (%(pattern)s = '%%' OR product.product_code LIKE %(pattern)s OR hold.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s)

-- find_sales_hold --
-- One request.
SELECT hold.hold_id, hold.organisation_id, company.name AS company_name, hold.batch, product.product_code,
       product.name AS product_name, hold.state, hold.state_at, hold.reason, hold.asked_at, hold.lift_reason,
       (SELECT coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) FROM alert_file AS file
         WHERE (file.product_id, file.event_number) = (hold.product_id, hold.event_number)) AS alert_id
  FROM sales_hold AS hold
  JOIN product USING (product_id)
  JOIN organisation AS company ON company.organisation_id = hold.organisation_id
 WHERE hold.hold_id = %(hold_id)s

-- answers_of_hold --
-- What each location answers. Names are for those who may see them; the company gets the figures.
SELECT answer.location_id, location.name AS location_name, organisation.name AS organisation_name, answer.state,
       answer.state_at, answer.packs
  FROM sales_hold_answer AS answer
  JOIN location ON location.location_id = answer.location_id
  JOIN organisation ON organisation.organisation_id = answer.organisation_id
 WHERE answer.hold_id = %(hold_id)s
 ORDER BY answer.state <> 'asked', organisation.name, location.name

-- steps_of_hold --
-- Everything that was done about it, the oldest first.
SELECT history.recorded_at, history.step, history.packs, history.reason, history.user_name, location.name AS location_name
  FROM sales_hold_history AS history
  LEFT JOIN location ON location.location_id = history.location_id
 WHERE history.hold_id = %(hold_id)s
 ORDER BY history.entry_number

-- hold_in_force --
-- The request that is in force for a batch.
SELECT hold_id FROM sales_hold JOIN product USING (product_id)
 WHERE (product.product_code, sales_hold.batch) = (%(product_code)s, %(batch)s) AND state = 'asked'
   AND sales_hold.organisation_id = %(organisation_id)s
