-- first_asking --
-- Whether nobody has asked in this transaction yet. A savepoint that is rolled back takes the mark with the task.
SELECT coalesce(current_setting('sinetti.hand_over', true), '') <> 'asked', set_config('sinetti.hand_over', 'asked', true)

-- take_notices --
-- The oldest notices that nobody else is handing over, locked until the transaction ends: they are marked in the one
-- that writes what comes of them. SKIP LOCKED lets several workers share them.
SELECT product_id, notice_number, event_number, notice, party, organisation_id, location_id, made_at
  FROM alert_notice
 WHERE handed_over_at IS NULL AND party <> 'other_operator' AND (try_after IS NULL OR try_after <= %(now)s)
 ORDER BY notice_number
 LIMIT %(at_once)s
   FOR UPDATE SKIP LOCKED

-- note_handed_over --
-- They are handed over.
UPDATE alert_notice SET handed_over_at = %(now)s
 WHERE (product_id, notice_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(notice_numbers)s::bigint[]))

-- analysed_files --
-- Which of these alerts have been analysed.
SELECT DISTINCT product_id, event_number FROM alert_analysis
 WHERE (product_id, event_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]))

-- put_off_notice --
-- One that failed is tried again later, each time after twice as long, up to an hour.
UPDATE alert_notice
   SET failures = least(failures + 1, 100),
       try_after = %(now)s::timestamptz + least(interval '10 seconds' * power(2, least(failures, 9)), interval '1 hour')
 WHERE product_id = %(product_id)s AND notice_number = %(notice_number)s

-- readers_of_notices --
-- People who hear of notices: of a location its users and its organisation's main users, of an OBP, the operator and
-- the authority their people. `in_charge` is false for those whose teams leave this market to others. Each kind of party
-- is a part of its own, so that each has its index.
WITH asked AS (
    SELECT * FROM unnest(%(product_ids)s::integer[], %(notice_numbers)s::bigint[], %(parties)s::text[],
                         %(organisation_ids)s::integer[], %(location_ids)s::integer[])
               AS asked (product_id, notice_number, party, organisation_id, location_id)
),
reader AS (
    SELECT asked.product_id, asked.notice_number, asked.party, of_location.user_id
      FROM asked JOIN person_location AS of_location ON of_location.location_id = asked.location_id
      JOIN person ON person.user_id = of_location.user_id AND person.role = 'location_user'
     WHERE asked.party = 'end_user_location'
     UNION ALL
    SELECT asked.product_id, asked.notice_number, 'end_user_organisation', person.user_id
      FROM asked JOIN person ON person.organisation_id = asked.organisation_id
     WHERE asked.party IN ('end_user_location', 'end_user_organisation') AND person.role = 'organisation_main_user'
     UNION ALL
    SELECT asked.product_id, asked.notice_number, 'obp', person.user_id
      FROM asked JOIN person ON person.organisation_id = asked.organisation_id
     WHERE asked.party = 'obp' AND person.role IN ('mah_obp_main_user', 'mah_obp_investigator')
     UNION ALL
    SELECT asked.product_id, asked.notice_number, asked.party, person.user_id
      FROM asked JOIN person ON person.organisation_id IS NULL
     WHERE (asked.party = 'operator' AND person.role IN ('operator_administrator', 'operator_support'))
        OR (asked.party = 'authority' AND person.role = 'authority_inspector')
)
SELECT reader.product_id, reader.notice_number, reader.party, reader.user_id,
       person.role IN ('mah_obp_main_user', 'operator_administrator') AS is_main,
       reader.party NOT IN ('obp', 'operator')
       OR NOT EXISTS (SELECT FROM alert_team AS team
                       WHERE team.organisation_id IS NOT DISTINCT FROM person.organisation_id)
       OR EXISTS (SELECT FROM alert_team AS team JOIN alert_team_member AS member USING (team_id)
                   WHERE team.organisation_id IS NOT DISTINCT FROM person.organisation_id
                     AND member.user_id = person.user_id AND %(market)s = ANY (team.markets)) AS in_charge,
       coalesce((SELECT jsonb_object_agg(choice.notice_group, choice.pace) FROM notice_choice AS choice
                  WHERE choice.user_id = person.user_id), '{}') AS chosen
  FROM reader JOIN person USING (user_id)
 WHERE person.locked_at IS NULL AND person.password_hash IS NOT NULL
 ORDER BY reader.product_id, reader.notice_number, reader.user_id

-- choices_of_person --
-- What somebody has chosen.
SELECT notice_group, pace FROM notice_choice WHERE user_id = %(user_id)s

-- choose_pace --
-- The last choice counts.
INSERT INTO notice_choice (user_id, notice_group, pace) VALUES (%(user_id)s, %(notice_group)s, %(pace)s)
    ON CONFLICT (user_id, notice_group) DO UPDATE SET pace = excluded.pace

-- add_for_person --
-- Somebody will hear of it. One who hears as more than one party hears once.
INSERT INTO notice_for_person (user_id, product_id, notice_number, event_number, notice, pace, made_at, due_at)
VALUES (%(user_id)s, %(product_id)s, %(notice_number)s, %(event_number)s, %(notice)s, %(pace)s, %(made_at)s, %(due_at)s)
    ON CONFLICT DO NOTHING

-- due_people --
-- People for whom a mail is due.
SELECT user_id FROM notice_for_person WHERE due_at <= %(now)s GROUP BY user_id ORDER BY min(due_at) LIMIT %(at_most)s

-- person_alone --
-- Whether nobody else is writing this person's mail; held until the transaction ends, so that two workers do not make
-- two mails of what belongs into one.
SELECT pg_try_advisory_xact_lock(hashtextextended('mail of notices', %(user_id)s))

-- take_of_person --
-- What waits for somebody, the oldest first.
SELECT product_id, notice_number, event_number, notice, pace, made_at, due_at
  FROM notice_for_person
 WHERE user_id = %(user_id)s
 ORDER BY made_at, notice_number
 LIMIT %(at_most)s

-- remove_of_person --
-- It is told now.
DELETE FROM notice_for_person
 WHERE user_id = %(user_id)s AND (product_id, notice_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(notice_numbers)s::bigint[]))

-- brief_of_files --
-- Names for the lines of a mail, for many alerts at once.
SELECT file.product_id, file.event_number, file.level, product.name, location.location_id, location.name,
       organisation.organisation_id, organisation.name
  FROM alert_file AS file
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN location ON location.location_id = file.location_id
  LEFT JOIN organisation ON organisation.organisation_id = file.organisation_id
 WHERE (file.product_id, file.event_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]))
