-- owner_of_organisation --
-- Whether there is such an organisation.
SELECT organisation_id FROM organisation WHERE organisation_id = %(number)s

-- owner_of_location --
-- Whose location it is.
SELECT organisation_id FROM location WHERE location_id = %(number)s

-- owner_of_equipment --
-- Whose client equipment it is; deleted equipment too, for its history.
SELECT l.organisation_id, l.location_id
  FROM client_equipment
  JOIN location l USING (location_id)
 WHERE equipment_id = %(number)s

-- owner_of_user --
-- To which organisation somebody belongs, if to any.
SELECT organisation_id FROM person WHERE user_id = %(number)s

-- owner_of_alert --
-- Where it was raised, and whose product it is about.
SELECT file.organisation_id, file.location_id, coalesce(file.obp_organisation_id, 0)
  FROM alert
  JOIN alert_file AS file USING (product_id, event_number)
 WHERE alert.alert_id = %(alert_id)s

-- owner_of_coming_alert --
-- The same for an alert that was raised just now and that the worker has not taken over yet: it is still in the outbox.
WITH waiting AS MATERIALIZED (
    SELECT product_id, event_number, outbox.recorded_at, serial_key
      FROM alert JOIN deviation_outbox AS outbox USING (product_id, event_number)
     WHERE alert.alert_id = %(alert_id)s
),
event AS (
    SELECT event.product_id, event.organisation_id, event.location_id
      FROM waiting JOIN pack_event AS event
        ON event.product_id = waiting.product_id AND event.serial_key = waiting.serial_key
       AND event.recorded_at = waiting.recorded_at AND event.event_number = waiting.event_number
     UNION ALL
    SELECT event.product_id, event.organisation_id, event.location_id
      FROM waiting JOIN pack_event AS event
        ON event.product_id = waiting.product_id AND event.serial_key IS NULL
       AND event.recorded_at = waiting.recorded_at AND event.event_number = waiting.event_number
     WHERE waiting.serial_key IS NULL
)
SELECT event.organisation_id, event.location_id, coalesce(product.organisation_id, 0)
  FROM event LEFT JOIN product ON product.product_id = event.product_id

-- owner_of_file --
-- The same for a refusal that somebody had investigated.
SELECT organisation_id, location_id, coalesce(obp_organisation_id, 0)
  FROM alert_file
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND alert_id IS NULL

-- owner_of_set_aside --
-- Where a pack was set aside.
SELECT organisation_id, location_id FROM set_aside_pack
 WHERE (product_id, set_aside_id) = (%(product_id)s, %(set_aside_id)s)

-- owner_of_alert_team --
-- Whose team it is; 0 stands for the operator.
SELECT coalesce(organisation_id, 0) FROM alert_team WHERE team_id = %(number)s

-- owner_of_sales_hold --
-- Which company asks.
SELECT organisation_id FROM sales_hold WHERE hold_id = %(number)s

-- owner_of_held_batch --
-- Where a batch is to be held.
SELECT organisation_id, location_id FROM sales_hold_answer
 WHERE (hold_id, location_id) = (%(hold_id)s, %(location_id)s)
