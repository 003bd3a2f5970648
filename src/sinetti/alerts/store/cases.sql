-- add_message --
-- Words to the parties of a case, or a note of one's own.
INSERT INTO case_message (product_id, case_id, sent_at, party, event_number, location_id, obp_organisation_id, is_note,
                          body, user_id, equipment_id, user_name, organisation_id)
VALUES (%(product_id)s, %(case_id)s, %(now)s, %(party)s, %(event_number)s, %(location_id)s, %(obp_organisation_id)s,
        %(is_note)s, %(body)s, %(user_id)s, %(equipment_id)s, %(user_name)s, %(organisation_id)s)
RETURNING message_number

-- messages_of_case --
-- Everything said in a case, the oldest first. Who may read what is judged by whoever shows it.
SELECT message.message_number, message.sent_at, message.party, message.event_number, message.location_id,
       message.obp_organisation_id, message.is_note, message.body, message.user_name, message.organisation_id,
       location.name
  FROM case_message AS message
  LEFT JOIN location USING (location_id)
 WHERE (message.product_id, message.case_id) = (%(product_id)s, %(case_id)s)
 ORDER BY message.message_number
 LIMIT 500

-- set_aside --
-- A pack is put apart; one that is apart already stays as it is.
INSERT INTO set_aside_pack (product_id, location_id, organisation_id, event_number, product_code, serial_number, batch,
                            expiry, place, set_aside_at, set_aside_by, set_aside_by_equipment, set_aside_by_name)
VALUES (%(product_id)s, %(location_id)s, %(organisation_id)s, %(event_number)s, %(product_code)s, %(serial_number)s,
        %(batch)s, %(expiry)s, %(place)s, %(now)s, %(user_id)s, %(equipment_id)s,
        %(user_name)s)
    ON CONFLICT (location_id, product_id, serial_number) WHERE ended_at IS NULL DO NOTHING
RETURNING set_aside_id

-- page_of_register --
-- The register of some locations, or of all, the latest first, after one pack.
SELECT aside.product_id, aside.set_aside_id, aside.event_number, file.alert_id, aside.location_id,
       location.name AS location_name, aside.product_code, product.name AS product_name, aside.serial_number,
       aside.batch, aside.expiry, aside.place, aside.set_aside_at, aside.ended_at, aside.ended_as
  FROM set_aside_pack AS aside
  JOIN location ON location.location_id = aside.location_id
  LEFT JOIN product ON product.product_id = aside.product_id
  LEFT JOIN alert_file AS file ON (file.product_id, file.event_number) = (aside.product_id, aside.event_number)
 WHERE (%(location_ids)s::integer[] IS NULL OR aside.location_id = ANY (%(location_ids)s::integer[]))
   AND (%(state)s = 'any' OR (%(state)s = 'gone') = (aside.ended_at IS NOT NULL))
   AND aside.set_aside_id < %(after)s
 ORDER BY aside.set_aside_id DESC
 LIMIT %(at_most)s

-- is_set_aside --
-- Whether a pack is apart now at a location.
SELECT FROM set_aside_pack
 WHERE (location_id, product_id, serial_number) = (%(location_id)s, %(product_id)s, %(serial_number)s)
   AND ended_at IS NULL

-- lock_set_aside --
-- A pack in the register, locked until the transaction ends.
SELECT product_id, location_id, organisation_id, event_number, serial_number, ended_at IS NULL
  FROM set_aside_pack WHERE (product_id, set_aside_id) = (%(product_id)s, %(set_aside_id)s)
   FOR UPDATE

-- end_set_aside --
-- A pack leaves the register.
UPDATE set_aside_pack
   SET ended_at = %(now)s, ended_as = %(end)s, end_comment = %(comment)s, return_agreed = %(agreed)s,
       ended_by = %(user_id)s, ended_by_equipment = %(equipment_id)s, ended_by_name = %(user_name)s
 WHERE (product_id, set_aside_id) = (%(product_id)s, %(set_aside_id)s)

-- set_aside_of_locations --
-- The register of one or more locations: what is apart now first, then what was, the newest first.
SELECT product_id, set_aside_id, location_id, event_number, product_code, serial_number, batch, expiry, place,
       set_aside_at, set_aside_by_name, ended_at, ended_as, end_comment, return_agreed, ended_by_name
  FROM set_aside_pack
 WHERE location_id = ANY (%(location_ids)s::integer[]) AND (ended_at IS NULL OR %(with_ended)s)
 ORDER BY ended_at IS NOT NULL, set_aside_at DESC, set_aside_id DESC
 LIMIT %(at_most)s OFFSET %(skip)s

-- tick_step --
-- A step of the guidance is done.
INSERT INTO alert_step_done (product_id, event_number, side, step, done_at, done_by, done_by_equipment)
VALUES (%(product_id)s, %(event_number)s, %(side)s, %(step)s, %(now)s, %(user_id)s,
        %(equipment_id)s)
    ON CONFLICT (product_id, event_number, side, step) DO NOTHING

-- untick_step --
-- It is not done after all.
DELETE FROM alert_step_done
 WHERE (product_id, event_number, side, step) = (%(product_id)s, %(event_number)s, %(side)s, %(step)s)

-- steps_done --
-- Steps that a side has ticked off.
SELECT step FROM alert_step_done
 WHERE (product_id, event_number, side) = (%(product_id)s, %(event_number)s, %(side)s)
