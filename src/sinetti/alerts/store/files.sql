-- read_files --
-- Alerts as they stand, in the order of their key.
SELECT file.product_id, file.event_number, file.case_product_id, file.case_id, file.alert_id, file.recorded_at, file.kind,
       file.operation, file.operation_code, file.product_code, file.serial_number, file.batch, file.expiry,
       file.entry_mode, file.location_id, file.organisation_id, file.obp_organisation_id, file.earlier_location_id,
       file.state_before, file.status, file.classification, file.closing_reason, file.closing_comment,
       file.closed_by_rule, file.cause, file.changes,
       ARRAY(SELECT side || ':' || investigation.status FROM alert_investigation AS investigation
              WHERE (investigation.product_id, investigation.event_number) = (file.product_id, file.event_number)),
       (SELECT due_at FROM alert_deadline AS deadline
         WHERE (deadline.product_id, deadline.event_number) = (file.product_id, file.event_number)
           AND deadline.deadline = 'close_without_answer' AND deadline.side = 'end_user' AND deadline.met_at IS NULL)
  FROM alert_file AS file
 WHERE (file.product_id, file.event_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]))
 ORDER BY file.product_id, file.event_number

-- lock_files --
-- Locks alerts that are judged and then changed. Always in the order of their key, so that two bulk changes of the same
-- alerts wait for each other instead of deadlocking.
SELECT 1
  FROM alert_file AS file
 WHERE (file.product_id, file.event_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]))
 ORDER BY file.product_id, file.event_number
   FOR UPDATE

-- key_of_alert --
-- The event behind an alert id.
SELECT product_id, event_number FROM alert WHERE alert_id = %(alert_id)s

-- files_of_case --
-- The alerts of a case, the oldest first.
SELECT product_id, event_number FROM alert_file
 WHERE (case_product_id, case_id) = (%(case_product_id)s, %(case_id)s)
 ORDER BY recorded_at, event_number
 LIMIT %(at_most)s

-- files_of_pack --
-- All alerts about a pack.
SELECT file.product_id, file.event_number
  FROM alert_file AS file
 WHERE file.product_id = %(product_id)s
   AND ((file.serial_key = %(serial_key)s::uuid) OR (file.serial_key IS NULL AND file.serial_number = %(serial_number)s))

-- set_status --
-- The new status of a locked alert. `analysis_wanted_at` is set where it opens again: much may be new.
UPDATE alert_file
   SET status = %(to)s, status_at = %(now)s, closing_reason = %(reason)s, closing_comment = %(closing_comment)s,
       closed_by_rule = %(rule_id)s, changes = changes + 1,
       analysis_wanted_at = CASE WHEN %(to)s = 'closed' THEN NULL
                                 WHEN status = 'closed' AND alert_id IS NOT NULL THEN %(now)s
                                 ELSE analysis_wanted_at END
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)

-- set_classification --
-- The new class of a locked alert.
UPDATE alert_file SET classification = %(to)s, changes = changes + 1
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)

-- set_investigation --
-- What a side says of the cause.
WITH counted AS (
    UPDATE alert_file SET changes = changes + 1
     WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
)
INSERT INTO alert_investigation (product_id, event_number, side, status, answered_at)
VALUES (%(product_id)s, %(event_number)s, %(side)s, %(to)s, %(now)s)
    ON CONFLICT (product_id, event_number, side) DO UPDATE SET status = excluded.status, answered_at = excluded.answered_at

-- take_back_investigation --
-- A side takes back what it said.
WITH counted AS (
    UPDATE alert_file SET changes = changes + 1
     WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
)
DELETE FROM alert_investigation
 WHERE (product_id, event_number, side) = (%(product_id)s, %(event_number)s, %(side)s)

-- meet_deadlines --
-- What was due of these sides is done, or does not matter any more.
UPDATE alert_deadline SET met_at = %(now)s
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND side = ANY (%(sides)s) AND met_at IS NULL

-- add_history --
-- One entry of the history.
INSERT INTO alert_history (product_id, event_number, case_product_id, case_id, recorded_at, change, side, value_before,
                           value_after, closing_reason, comment, party, user_id, equipment_id, user_name,
                           organisation_id, rule_id, rules_version, transaction_id)
VALUES (%(product_id)s, %(event_number)s, %(case_product_id)s, %(case_id)s, %(now)s, %(change)s, %(side)s, %(before)s,
        %(after)s, %(closing_reason)s, %(comment)s, %(party)s, %(user_id)s, %(equipment_id)s, %(user_name)s,
        %(organisation_id)s, %(rule_id)s, %(rules_version)s, %(transaction_id)s)

-- lock_case --
-- A case, locked until the transaction ends: whether any of its alerts is open is then asked for sure.
SELECT kin, kin_key, closed_at IS NULL AS is_open, touched_at IS NOT NULL AS is_touched
  FROM alert_case WHERE (product_id, case_id) = (%(product_id)s, %(case_id)s)
   FOR UPDATE

-- close_case_if_done --
-- A case whose alerts are all closed is closed.
UPDATE alert_case SET closed_at = %(now)s
 WHERE (product_id, case_id) = (%(product_id)s, %(case_id)s) AND closed_at IS NULL
   AND NOT EXISTS (SELECT FROM alert_file
                    WHERE (case_product_id, alert_file.case_id) = (%(product_id)s, %(case_id)s) AND status <> 'closed')

-- reopen_case --
-- A case with an open alert is open, unless another case of the same kin has been opened meanwhile.
UPDATE alert_case SET closed_at = NULL
 WHERE (product_id, case_id) = (%(product_id)s, %(case_id)s) AND closed_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM alert_case AS other
                    WHERE (other.product_id, other.kin_key) = (alert_case.product_id, alert_case.kin_key)
                      AND other.closed_at IS NULL)

-- open_case_of_kin --
-- The case of this kin that is open now.
SELECT product_id, case_id FROM alert_case
 WHERE (product_id, kin_key) = (%(product_id)s, %(kin_key)s) AND closed_at IS NULL
   FOR UPDATE

-- touch_case --
-- A person has done something in the case: its alerts stay together from here on.
UPDATE alert_case SET touched_at = %(now)s WHERE (product_id, case_id) = (%(product_id)s, %(case_id)s)

-- open_defect --
-- The class 1 product defect process of a confirmed falsification.
INSERT INTO product_defect (product_id, event_number, defect_class, opened_at)
VALUES (%(product_id)s, %(event_number)s, 1, %(now)s)
    ON CONFLICT (product_id, event_number) WHERE ended_at IS NULL DO NOTHING

-- end_defect --
-- It ends.
UPDATE product_defect SET ended_at = %(now)s
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND ended_at IS NULL
