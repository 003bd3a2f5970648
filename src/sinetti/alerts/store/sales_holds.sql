-- add_hold --
-- A new request; nothing where one is in force already.
INSERT INTO sales_hold (organisation_id, product_id, batch, event_number, state, state_at, reason, asked_at)
VALUES (%(organisation_id)s, %(product_id)s, %(batch)s, %(event_number)s, %(state)s, %(now)s, %(reason)s, %(now)s)
    ON CONFLICT (product_id, batch) WHERE state = 'asked' DO NOTHING
RETURNING hold_id

-- ask_distributors --
-- Every location of a wholesaler that is not closed is asked, if it was not before. Which ones were.
INSERT INTO sales_hold_answer (hold_id, location_id, organisation_id, state, state_at)
SELECT %(hold_id)s, location.location_id, location.organisation_id, 'asked', %(now)s
  FROM location JOIN organisation USING (organisation_id)
 WHERE organisation.kind = 'wholesaler'
   AND NOT EXISTS (SELECT FROM location_details AS details
                    WHERE details.location_id = location.location_id AND details.state = 'closed')
    ON CONFLICT (hold_id, location_id) DO NOTHING
RETURNING location_id, organisation_id

-- holds_with_newcomers --
-- Requests in force that not every wholesaler's location is asked about, locked: they may be lifted just now.
SELECT hold_id FROM sales_hold AS hold
 WHERE state = 'asked'
   AND EXISTS (SELECT FROM location JOIN organisation USING (organisation_id)
                WHERE organisation.kind = 'wholesaler'
                  AND NOT EXISTS (SELECT FROM location_details AS details
                                   WHERE details.location_id = location.location_id AND details.state = 'closed')
                  AND NOT EXISTS (SELECT FROM sales_hold_answer AS answer
                                   WHERE (answer.hold_id, answer.location_id) = (hold.hold_id, location.location_id)))
 ORDER BY hold_id
   FOR UPDATE

-- lock_hold --
-- A request, locked until the transaction ends: its answers are judged by how it stands.
SELECT organisation_id, state FROM sales_hold WHERE hold_id = %(hold_id)s FOR UPDATE

-- lift_hold --
-- The request ends.
UPDATE sales_hold SET state = %(state)s, state_at = %(now)s, lift_reason = %(reason)s WHERE hold_id = %(hold_id)s

-- lock_answer --
-- How a location's answer stands. The request is locked already.
SELECT state, packs FROM sales_hold_answer WHERE (hold_id, location_id) = (%(hold_id)s, %(location_id)s)

-- set_answer --
-- What a location answers.
UPDATE sales_hold_answer SET state = %(state)s, state_at = %(now)s, packs = %(packs)s
 WHERE (hold_id, location_id) = (%(hold_id)s, %(location_id)s)

-- add_history --
-- A step.
INSERT INTO sales_hold_history (hold_id, recorded_at, step, location_id, state_before, state_after, packs, reason,
                                user_id, equipment_id, user_name, transaction_id)
VALUES (%(hold_id)s, %(now)s, %(step)s, %(location_id)s, %(before)s, %(state)s, %(packs)s, %(reason)s, %(user_id)s,
        %(equipment_id)s, %(user_name)s, %(transaction_id)s)

-- people_of_distributors --
-- Who hears of a request: the users of the locations asked and the main users of their organisations, each once. Once it
-- is lifted only those need to know who hold packs or have not answered. With `location_ids` only those of these locations.
SELECT DISTINCT person.email, person.language
  FROM sales_hold_answer AS answer
  JOIN person ON person.locked_at IS NULL
   AND ((person.role = 'organisation_main_user' AND person.organisation_id = answer.organisation_id)
        OR (person.role = 'location_user' AND EXISTS (
                SELECT FROM person_location AS at
                 WHERE (at.user_id, at.location_id) = (person.user_id, answer.location_id))))
 WHERE answer.hold_id = %(hold_id)s AND answer.state <> 'none_in_stock'
   AND (%(location_ids)s::integer[] IS NULL OR answer.location_id = ANY (%(location_ids)s::integer[]))
 ORDER BY person.email
