-- take_deviations --
-- The oldest deviations that nobody else is taking, with their events, taken off the outbox by the same statement: they
-- are gone when the caller commits what it makes of them, and still there when it does not. SKIP LOCKED lets several
-- workers take side by side. Events are found by the key that the outbox has; what an older version wrote, by number.
WITH waiting AS MATERIALIZED (
    SELECT product_id, event_number, recorded_at, serial_key, is_keyed
      FROM deviation_outbox
     WHERE event_number <> ALL (%(put_aside)s::bigint[])
     ORDER BY product_id, event_number
     LIMIT %(at_once)s
       FOR UPDATE SKIP LOCKED
),
taken AS (
    DELETE FROM deviation_outbox AS outbox USING waiting
     WHERE (outbox.product_id, outbox.event_number) = (waiting.product_id, waiting.event_number)
),
event AS (
    SELECT event.* FROM waiting JOIN pack_event AS event
        ON event.product_id = waiting.product_id AND event.serial_key = waiting.serial_key
       AND event.recorded_at = waiting.recorded_at AND event.event_number = waiting.event_number
     WHERE waiting.is_keyed AND waiting.serial_key IS NOT NULL
     UNION ALL
    SELECT event.* FROM waiting JOIN pack_event AS event
        ON event.product_id = waiting.product_id AND event.serial_key IS NULL
       AND event.recorded_at = waiting.recorded_at AND event.event_number = waiting.event_number
     WHERE waiting.is_keyed AND waiting.serial_key IS NULL
     UNION ALL
    SELECT event.* FROM waiting JOIN pack_event AS event
        ON event.product_id = waiting.product_id
       AND event.recorded_at = waiting.recorded_at AND event.event_number = waiting.event_number
     WHERE NOT waiting.is_keyed
)
SELECT event.product_id, event.event_number, event.alert_id, event.recorded_at, event.level, event.operation,
       event.operation_code, event.hub_code, event.scheme, event.product_code, event.serial_key::text AS serial_key,
       event.serial_number, event.batch, event.expiry, event.entry_mode, event.user_agent, event.equipment_id,
       event.location_id, event.organisation_id, product.organisation_id AS obp_organisation_id, event.state_before,
       coalesce(earlier.location_id, pack.location_id) AS earlier_location_id,
       coalesce(earlier.recorded_at, pack.decommissioned_at) AS earlier_at
  FROM event
  LEFT JOIN product ON product.product_id = event.product_id
  LEFT JOIN LATERAL (
      SELECT before.location_id, before.recorded_at
        FROM pack_event AS before
       WHERE event.state_before <> 'Active'
         AND before.product_id = event.product_id AND before.serial_key = event.serial_key
         AND before.event_number < event.event_number AND before.state_after IS NOT NULL
         AND before.state_before IS DISTINCT FROM before.state_after
       ORDER BY before.event_number DESC LIMIT 1) AS earlier ON true
  LEFT JOIN pack ON event.state_before <> 'Active' AND earlier.recorded_at IS NULL
        AND pack.product_id = event.product_id AND pack.serial_key = event.serial_key
 ORDER BY event.recorded_at, event.event_number

-- first_waiting --
-- The event number that the next portion begins with.
SELECT event_number FROM deviation_outbox
 WHERE event_number <> ALL (%(put_aside)s::bigint[])
 ORDER BY product_id, event_number
 LIMIT 1
   FOR UPDATE SKIP LOCKED

-- find_event --
-- One event of a location, by its transaction id and what was sent: a refusal that somebody asks to have investigated.
SELECT event.product_id, event.event_number, event.alert_id, event.recorded_at, event.level, event.operation,
       event.operation_code, event.hub_code, event.scheme, event.product_code, event.serial_key::text AS serial_key,
       event.serial_number, event.batch, event.expiry, event.entry_mode, event.user_agent, event.equipment_id,
       event.location_id, event.organisation_id, product.organisation_id AS obp_organisation_id, event.state_before,
       coalesce(earlier.location_id, pack.location_id) AS earlier_location_id,
       coalesce(earlier.recorded_at, pack.decommissioned_at) AS earlier_at
  FROM pack_event AS event
  LEFT JOIN product ON product.product_id = event.product_id
  LEFT JOIN LATERAL (
      SELECT before.location_id, before.recorded_at
        FROM pack_event AS before
       WHERE event.state_before <> 'Active'
         AND before.product_id = event.product_id AND before.serial_key = event.serial_key
         AND before.event_number < event.event_number AND before.state_after IS NOT NULL
         AND before.state_before IS DISTINCT FROM before.state_after
       ORDER BY before.event_number DESC LIMIT 1) AS earlier ON true
  LEFT JOIN pack ON event.state_before <> 'Active' AND earlier.recorded_at IS NULL
        AND pack.product_id = event.product_id AND pack.serial_key = event.serial_key
 WHERE event.product_id = coalesce((SELECT product_id FROM product AS asked
                                     WHERE (asked.product_code, asked.scheme) = (%(product_code)s, %(scheme)s)), 0)
   AND event.serial_key = %(serial_key)s::uuid AND event.transaction_id = %(transaction_id)s

-- join_cases --
-- The open case of each kin, made where there is none. The order keeps two workers from waiting for each other.
INSERT INTO alert_case (product_id, kin, kin_key, opened_at, last_alert_at)
SELECT product_id, kin, kin_key, %(now)s, alert_at
  FROM unnest(%(product_ids)s::integer[], %(kins)s::text[], %(kin_keys)s::text[], %(alert_ats)s::timestamptz[])
       AS asked (product_id, kin, kin_key, alert_at)
 ORDER BY product_id, kin_key
    ON CONFLICT (product_id, kin_key) WHERE closed_at IS NULL
    DO UPDATE SET last_alert_at = greatest(alert_case.last_alert_at, excluded.last_alert_at)
RETURNING product_id, kin_key, case_id

-- add_file --
-- An alert comes under management. One that is there already stays as it is.
INSERT INTO alert_file (product_id, event_number, alert_id, recorded_at, received_at, level, kind, operation,
                        operation_code, hub_code, scheme, product_code, serial_key, serial_number, batch, expiry,
                        entry_mode, user_agent, equipment_id, location_id, organisation_id, obp_organisation_id,
                        state_before, earlier_location_id, earlier_at, case_product_id, case_id, status_at,
                        analysis_wanted_at)
VALUES (%(product_id)s, %(event_number)s, %(alert_id)s, %(recorded_at)s, %(now)s, %(level)s, %(kind)s, %(operation)s,
        %(operation_code)s, %(hub_code)s, %(scheme)s, %(product_code)s, %(serial_key)s::uuid, %(serial_number)s,
        %(batch)s, %(expiry)s, %(entry_mode)s, %(user_agent)s, %(equipment_id)s, %(location_id)s,
        %(organisation_id)s, %(obp_organisation_id)s, %(state_before)s, %(earlier_location_id)s, %(earlier_at)s,
        %(case_product_id)s, %(case_id)s, %(now)s,
        CASE WHEN %(alert_id)s::text IS NULL THEN NULL ELSE %(now)s::timestamptz END)
    ON CONFLICT (product_id, event_number) DO NOTHING

-- add_received --
-- The first entry of an alert's history.
INSERT INTO alert_history (product_id, event_number, case_product_id, case_id, recorded_at, change, value_after, party,
                           rules_version)
VALUES (%(product_id)s, %(event_number)s, %(case_product_id)s, %(case_id)s, %(now)s, 'received', 'new', 'system',
        %(rules_version)s)

-- add_deadline --
-- When something is due of a side; one that is there already stays.
INSERT INTO alert_deadline (product_id, event_number, deadline, side, due_at)
VALUES (%(product_id)s, %(event_number)s, %(deadline)s, %(side)s, %(due_at)s)
    ON CONFLICT (product_id, event_number, side, deadline)
    DO UPDATE SET due_at = excluded.due_at, met_at = NULL, told_at = NULL, warned_at = NULL
          WHERE alert_deadline.met_at IS NOT NULL

-- add_notice --
-- What somebody must hear.
INSERT INTO alert_notice (product_id, event_number, notice, party, organisation_id, location_id, made_at)
VALUES (%(product_id)s, %(event_number)s, %(notice)s, %(party)s, %(organisation_id)s, %(location_id)s, %(now)s)

-- take_for_analysis --
-- Alerts that wait to be analysed, locked until the transaction ends. The counts are read before the analysis reads its
-- facts, so that what comes meanwhile is noticed next time.
SELECT file.product_id, file.event_number,
       (SELECT count(*) FROM pack_event AS event
         WHERE event.product_id = file.product_id AND event.serial_key IN (file.serial_key, file.watched_key)
           AND event.recorded_at >= file.recorded_at - interval '1 minute'
           AND event.event_number > file.event_number AND event.alert_id IS NULL) AS events,
       batch.pack_count, batch.corrections
  FROM alert_file AS file
  LEFT JOIN batch ON batch.product_id = file.product_id AND batch.batch = file.batch
 WHERE file.analysis_wanted_at <= %(now)s
 ORDER BY file.analysis_wanted_at
 LIMIT %(at_once)s
   FOR UPDATE OF file SKIP LOCKED

-- explained_before --
-- What kind of cause an alert was thought to have, and whether it was a pattern of falsification; no row before the first
-- analysis.
SELECT file.cause_class, coalesce((latest.analysis ->> 'is_high_risk')::boolean, false)
  FROM alert_file AS file
  JOIN LATERAL (SELECT analysis FROM alert_analysis AS one
                 WHERE (one.product_id, one.event_number) = (file.product_id, file.event_number)
                 ORDER BY analysis_number DESC LIMIT 1) AS latest ON true
 WHERE (file.product_id, file.event_number) = (%(product_id)s, %(event_number)s) AND file.cause_class IS NOT NULL

-- latest_analysis --
-- What the last analysis of an alert said.
SELECT analysis FROM alert_analysis
 WHERE product_id = %(product_id)s AND event_number = %(event_number)s
 ORDER BY analysis_number DESC LIMIT 1

-- add_analysis --
-- An analysis that says something new.
INSERT INTO alert_analysis (product_id, event_number, analysed_at, rules_version, analysis)
VALUES (%(product_id)s, %(event_number)s, %(now)s, %(rules_version)s, %(analysis)s)

-- note_analysis --
-- What lists and watching need of the latest analysis.
UPDATE alert_file
   SET cause = %(cause)s, cause_class = %(cause_class)s, rule_id = %(rule_id)s, confidence = %(confidence)s,
       watched_key = %(watched_key)s::uuid, analysed_at = %(now)s, analysis_wanted_at = NULL, analysis_failures = 0,
       seen_events = %(events)s, seen_pack_count = %(pack_count)s, seen_corrections = %(corrections)s
 WHERE product_id = %(product_id)s AND event_number = %(event_number)s

-- put_off_analysis --
-- An analysis that failed is tried again later, each time after twice as long, up to an hour.
UPDATE alert_file
   SET analysis_failures = least(analysis_failures + 1, 100),
       analysis_wanted_at = %(now)s::timestamptz + least(interval '10 seconds' * power(2, least(analysis_failures, 9)),
                                                         interval '1 hour')
 WHERE product_id = %(product_id)s AND event_number = %(event_number)s

-- move_to_case --
-- An alert joins those that it turned out to be kin of.
UPDATE alert_file SET case_product_id = %(case_product_id)s, case_id = %(case_id)s
 WHERE product_id = %(product_id)s AND event_number = %(event_number)s

-- remove_if_empty --
-- A case that its last alert has left, and in which nobody ever did anything, is closed: there is nothing in it.
UPDATE alert_case SET closed_at = %(now)s
 WHERE product_id = %(product_id)s AND case_id = %(case_id)s AND closed_at IS NULL AND touched_at IS NULL
   AND NOT EXISTS (SELECT FROM alert_file
                    WHERE (alert_file.case_product_id, alert_file.case_id) = (alert_case.product_id, alert_case.case_id)
                      AND alert_file.status <> 'closed')

-- look_for_news --
-- Open alerts in the order of their age, some at a time: of which of them packs or batch have changed since the last
-- analysis, and where to go on. Further alerts about a pack are analysed themselves and are no news here.
WITH looked AS MATERIALIZED (
    SELECT product_id, event_number, recorded_at, serial_key, watched_key, batch, seen_events, seen_pack_count,
           seen_corrections
      FROM alert_file
     WHERE status <> 'closed' AND (recorded_at, event_number) > (%(after)s, %(after_number)s)
     ORDER BY recorded_at, event_number
     LIMIT %(at_once)s
),
changed AS (
    SELECT looked.product_id, event_number
      FROM looked
      LEFT JOIN batch ON batch.product_id = looked.product_id AND batch.batch = looked.batch
     WHERE seen_events <> (
               SELECT count(*) FROM pack_event AS event
                WHERE event.product_id = looked.product_id
                  AND event.serial_key IN (looked.serial_key, looked.watched_key)
                  AND event.recorded_at >= looked.recorded_at - interval '1 minute'
                  AND event.event_number > looked.event_number AND event.alert_id IS NULL)
        OR seen_pack_count IS DISTINCT FROM batch.pack_count
        OR coalesce(seen_corrections, 0) <> coalesce(batch.corrections, 0)
),
wanted AS (
    UPDATE alert_file AS file SET analysis_wanted_at = %(now)s
      FROM changed
     WHERE (file.product_id, file.event_number) = (changed.product_id, changed.event_number)
       AND file.analysis_wanted_at IS NULL AND file.alert_id IS NOT NULL
)
SELECT count(*), (SELECT count(*) FROM changed), max(recorded_at),
       (array_agg(event_number ORDER BY recorded_at DESC, event_number DESC))[1]
  FROM looked

-- want_batch --
-- All open alerts of a batch are to be analysed again: something about the batch is new.
UPDATE alert_file SET analysis_wanted_at = %(now)s
 WHERE product_id = %(product_id)s AND batch = %(batch)s AND status <> 'closed' AND alert_id IS NOT NULL
   AND analysis_wanted_at IS NULL

-- note_told --
-- Somebody was told that it has passed.
UPDATE alert_deadline SET told_at = %(now)s
 WHERE (product_id, event_number, side, deadline) = (%(product_id)s, %(event_number)s, %(side)s, %(deadline)s)
