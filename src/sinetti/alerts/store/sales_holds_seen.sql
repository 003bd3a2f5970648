-- holds --
-- Some requests, the latest first.
SELECT hold.hold_id, hold.organisation_id, company.name AS company_name, hold.batch, product.product_code,
       product.name AS product_name, hold.state, hold.state_at, hold.reason, hold.asked_at, hold.lift_reason,
       (SELECT coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) FROM alert_file AS file
         WHERE (file.product_id, file.event_number) = (hold.product_id, hold.event_number)) AS alert_id
  FROM sales_hold AS hold
  JOIN product USING (product_id)
  JOIN organisation AS company ON company.organisation_id = hold.organisation_id
 WHERE hold.hold_id = ANY (%(hold_ids)s)
 ORDER BY hold.hold_id DESC

-- answers_of_holds --
-- What each location answers. Names are for those who may see them; the company gets the figures.
SELECT answer.hold_id, answer.location_id, location.name AS location_name, organisation.name AS organisation_name,
       answer.state, answer.state_at, answer.packs
  FROM sales_hold_answer AS answer
  JOIN location ON location.location_id = answer.location_id
  JOIN organisation ON organisation.organisation_id = answer.organisation_id
 WHERE answer.hold_id = ANY (%(hold_ids)s)
 ORDER BY answer.hold_id, answer.state <> 'asked', organisation.name, location.name

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

-- held_batches --
-- Some requests as one location is asked, the latest first. The company is not read here at all.
SELECT answer.hold_id, answer.location_id, answer.organisation_id, location.name AS location_name,
       product.product_code, product.name AS product_name, hold.batch, hold.state AS request_state, hold.asked_at,
       hold.reason, hold.lift_reason, answer.state, answer.state_at, answer.packs
  FROM sales_hold_answer AS answer
  JOIN sales_hold AS hold USING (hold_id)
  JOIN product USING (product_id)
  JOIN location ON location.location_id = answer.location_id
 WHERE answer.hold_id = ANY (%(hold_ids)s) AND answer.location_id = %(location_id)s
 ORDER BY answer.hold_id DESC

-- page_of_holds --
-- The requests of a company, or of all, the latest first, after one of them.
SELECT hold_id FROM sales_hold
 WHERE (%(organisation_id)s::integer IS NULL OR organisation_id = %(organisation_id)s)
   AND (%(state)s = 'any' OR state = %(state)s) AND hold_id < %(after)s
 ORDER BY hold_id DESC
 LIMIT %(at_most)s

-- page_of_held_batches --
-- What a location is asked to hold, the latest first, after one of them.
SELECT answer.hold_id
  FROM sales_hold_answer AS answer JOIN sales_hold AS hold USING (hold_id)
 WHERE answer.location_id = %(location_id)s AND answer.hold_id < %(after)s
   AND (%(state)s = 'any'
        OR (%(state)s = 'waiting' AND ((hold.state = 'asked' AND answer.state = 'asked')
                                       OR (hold.state = 'lifted' AND answer.state = 'held')))
        OR (%(state)s = 'under_way' AND (hold.state = 'asked' OR answer.state = 'held')))
 ORDER BY answer.hold_id DESC
 LIMIT %(at_most)s
