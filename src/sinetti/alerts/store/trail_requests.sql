-- add_trail_request --
-- A request to another country's operator; none where that country is asked already. The unique index settles a race.
INSERT INTO trail_request (product_id, event_number, country, state, carrier, asked_at, due_at)
VALUES (%(product_id)s, %(event_number)s, %(country)s, %(state)s, %(carrier)s, %(now)s, %(due_at)s)
    ON CONFLICT (product_id, event_number, country) WHERE state IN ('asked', 'sent') DO NOTHING
RETURNING request_id

-- lock_trail_request --
-- A request of this alert, locked until the transaction ends.
SELECT country, state FROM trail_request
 WHERE (product_id, event_number, request_id) = (%(product_id)s, %(event_number)s, %(request_id)s)
   FOR UPDATE

-- country_is_asked --
-- Whether another request of the alert to that country waits for its answer.
SELECT EXISTS (SELECT FROM trail_request
                WHERE (product_id, event_number, country) = (%(product_id)s, %(event_number)s, %(country)s)
                  AND state IN ('asked', 'sent') AND request_id <> %(request_id)s)

-- set_trail_request --
-- It stands otherwise; the time for an answer begins when it is on its way.
UPDATE trail_request
   SET state = %(state)s, due_at = CASE WHEN %(state)s IN ('asked', 'sent') THEN %(due_at)s ELSE due_at END,
       told_late_at = NULL
 WHERE (product_id, request_id) = (%(product_id)s, %(request_id)s)

-- add_trail_request_step --
-- Who did what with it, and what was said.
INSERT INTO trail_request_step (product_id, request_id, recorded_at, step, state, said, party, user_id, equipment_id,
                                user_name)
VALUES (%(product_id)s, %(request_id)s, %(now)s, %(step)s, %(state)s, %(said)s, %(party)s, %(user_id)s,
        %(equipment_id)s, %(user_name)s)

-- trail_requests_of_file --
-- The requests of an alert with each of their steps, the first one first.
SELECT request.request_id, request.country, request.state, request.carrier, request.due_at,
       step.recorded_at, step.step, step.said, step.party, step.user_name
  FROM (SELECT * FROM trail_request
         WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
         ORDER BY request_id DESC LIMIT %(requests_max)s) AS request
  JOIN trail_request_step AS step USING (product_id, request_id)
 ORDER BY request.request_id, step.step_number
