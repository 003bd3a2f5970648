-- lock_company --
-- One transaction at a time counts a company's batches. Who comes later waits, and finds them counted.
SELECT pg_advisory_xact_lock(%(lock)s, %(organisation_id)s)

-- is_to_count --
-- Whether a batch of the company has changed since it was counted, or one more answer is overdue.
SELECT EXISTS (SELECT FROM alert_batch_changed WHERE organisation_id = %(organisation_id)s)
    OR EXISTS (SELECT FROM alert_batch_sum WHERE organisation_id = %(organisation_id)s AND next_due_at < %(now)s)

-- companies_to_count --
-- Companies of which something is to be counted.
SELECT organisation_id FROM organisation
 WHERE kind = 'mah_obp'
   AND (EXISTS (SELECT FROM alert_batch_changed AS changed WHERE changed.organisation_id = organisation.organisation_id)
        OR EXISTS (SELECT FROM alert_batch_sum AS sum
                    WHERE sum.organisation_id = organisation.organisation_id AND sum.next_due_at < %(now)s))

-- take_changed --
-- What to count of which batch, its notes taken away. What is noted while it is counted stays noted. Where `alerts_max` is
-- said, the smallest batches are taken that had so many alerts in all when they were last counted.
WITH changed AS (
    SELECT sums, product_id, batch FROM alert_batch_changed WHERE organisation_id = %(organisation_id)s
     UNION
    SELECT 'batches', product_id, batch FROM alert_batch_sum
     WHERE organisation_id = %(organisation_id)s AND next_due_at < %(now)s
),
sized AS (
    SELECT sums, product_id, batch,
           coalesce(CASE sums
               WHEN 'batches' THEN
                   (SELECT alerts FROM alert_batch_sum AS counted
                     WHERE counted.organisation_id = %(organisation_id)s
                       AND (counted.product_id, counted.batch) = (changed.product_id, changed.batch))
               WHEN 'gaps' THEN
                   (SELECT sum(alerts) FROM alert_gap_sum AS counted
                     WHERE counted.organisation_id = %(organisation_id)s
                       AND (counted.product_id, counted.batch) = (changed.product_id, changed.batch))
               ELSE (SELECT sum(alerts) FROM near_miss_sum AS counted
                      WHERE counted.organisation_id = %(organisation_id)s
                        AND (counted.product_id, counted.batch) = (changed.product_id, changed.batch)) END, 0) AS alerts
      FROM changed
),
wanted AS MATERIALIZED (
    SELECT sums, product_id, batch
      FROM (SELECT *, sum(alerts) OVER (ORDER BY alerts, product_id, batch, sums) AS alerts_so_far FROM sized) AS summed
     WHERE %(alerts_max)s::bigint IS NULL OR alerts_so_far <= %(alerts_max)s::bigint
     LIMIT %(at_most)s::bigint
),
taken AS (
    DELETE FROM alert_batch_changed AS changed USING wanted
     WHERE changed.organisation_id = %(organisation_id)s
       AND (changed.sums, changed.product_id, changed.batch) = (wanted.sums, wanted.product_id, wanted.batch)
)
SELECT sums, product_id, batch FROM wanted

-- forget_batches --
-- What was counted of these batches before.
DELETE FROM alert_batch_sum AS old USING unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
 WHERE old.organisation_id = %(organisation_id)s AND (old.product_id, old.batch) = (asked.product_id, asked.batch)

-- count_batches --
-- Open alerts by the batch that was sent: what waits for the company's answer, and by when. What is answered waits no more.
INSERT INTO alert_batch_sum (organisation_id, product_id, batch, product_code, alerts, locations, waiting, overdue,
                             suspicions, due_at, next_due_at, oldest_at, cause)
SELECT %(organisation_id)s, asked.product_id, asked.batch, max(file.product_code), count(*),
       count(DISTINCT file.location_id), count(*) FILTER (WHERE answer.side IS NULL),
       count(*) FILTER (WHERE deadline.due_at < %(now)s),
       count(*) FILTER (WHERE file.classification <> 'potential_suspicion'),
       min(deadline.due_at), min(deadline.due_at) FILTER (WHERE deadline.due_at >= %(now)s),
       min(file.recorded_at), mode() WITHIN GROUP (ORDER BY file.cause)
  FROM unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
  JOIN alert_file AS file
    ON file.obp_organisation_id = %(organisation_id)s AND file.product_id = asked.product_id
   AND coalesce(file.batch, '') = asked.batch
  LEFT JOIN alert_investigation AS answer
    ON (answer.product_id, answer.event_number) = (file.product_id, file.event_number)
   AND answer.side = %(side)s AND answer.status <> 'pending'
  LEFT JOIN LATERAL (
       SELECT min(due_at) AS due_at FROM alert_deadline AS due
        WHERE (due.product_id, due.event_number) = (file.product_id, file.event_number)
          AND due.side = %(side)s AND due.met_at IS NULL) AS deadline ON true
 WHERE file.status <> 'closed'
 GROUP BY asked.product_id, asked.batch

-- forget_gaps --
-- The same, of gaps in uploads.
DELETE FROM alert_gap_sum AS old USING unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
 WHERE old.organisation_id = %(organisation_id)s AND (old.product_id, old.batch) = (asked.product_id, asked.batch)

-- count_gaps --
-- Alerts of batches whose data is missing, in part missing, late, or other than printed, by their likeliest cause.
INSERT INTO alert_gap_sum (organisation_id, product_id, batch, gap, product_code, alerts, open_alerts, packs, locations,
                           first_at, latest_at)
SELECT %(organisation_id)s, asked.product_id, asked.batch,
       CASE file.cause
            WHEN 'batch_not_uploaded' THEN 'not_uploaded'
            WHEN 'partial_upload' THEN 'partly'
            WHEN 'late_upload' THEN 'late'
            ELSE CASE file.kind WHEN 'other_expiry' THEN 'expiry' ELSE 'batch_name' END END AS gap,
       max(file.product_code), count(*), count(*) FILTER (WHERE file.status <> 'closed'),
       count(DISTINCT file.serial_number), count(DISTINCT file.location_id), min(file.recorded_at), max(file.recorded_at)
  FROM unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
  JOIN alert_file AS file
    ON file.obp_organisation_id = %(organisation_id)s AND file.product_id = asked.product_id
   AND coalesce(file.batch, '') = asked.batch
 WHERE is_gap(file.cause)
 GROUP BY asked.product_id, asked.batch, gap

-- forget_near_misses --
-- The same, of near misses.
DELETE FROM near_miss_sum AS old USING unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
 WHERE old.organisation_id = %(organisation_id)s AND (old.product_id, old.batch) = (asked.product_id, asked.batch)

-- count_near_misses --
-- How what was sent differs from what the company uploaded, by batch and kind of difference: of open alerts and of all.
-- The wrong values that came from the most locations are kept beside it. Groups with and without the value are counted in
-- one pass and never joined: PostgreSQL cannot know how many there will be.
WITH difference AS MATERIALIZED (
    SELECT scope.only_open, asked.product_id, asked.batch, one.cause, one.difference ->> 'field' AS field,
           one.difference ->> 'how' AS how, coalesce(one.difference ->> 'values', '{}') AS places, one.difference ->> 'sent' AS sent,
           one.difference, file.product_code, file.alert_id, file.location_id, file.recorded_at
      FROM unnest(%(product_ids)s::integer[], %(batches)s::text[]) AS asked (product_id, batch)
      JOIN alert_difference AS one ON (one.product_id, one.batch) = (asked.product_id, asked.batch)
      JOIN alert_file AS file ON (file.product_id, file.event_number) = (one.product_id, one.event_number)
      JOIN (VALUES (true), (false)) AS scope (only_open) ON file.status <> 'closed' OR NOT scope.only_open
     WHERE file.obp_organisation_id = %(organisation_id)s
),
counted AS (
    SELECT only_open, product_id, batch, cause, field, how, places, sent, grouping(sent) = 1 AS is_whole,
           max(product_code) AS product_code, count(*) AS alerts, count(DISTINCT location_id) AS locations,
           max(recorded_at) AS latest_at, max(alert_id) AS alert_id, min(difference::text) AS difference
      FROM difference
     GROUP BY GROUPING SETS ((only_open, product_id, batch, cause, field, how, places, sent),
                             (only_open, product_id, batch, cause, field, how, places))
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY only_open, product_id, batch, cause, field, how, places, is_whole
                                 ORDER BY locations DESC, alerts DESC, sent) AS place
      FROM counted
)
INSERT INTO near_miss_sum (organisation_id, only_open, product_id, batch, product_code, cause, field, how, places, alerts,
                           sent_values, locations, same_value_locations, latest_at, examples)
SELECT %(organisation_id)s, only_open, product_id, batch, max(product_code), cause, field, how, places,
       max(alerts) FILTER (WHERE is_whole), count(*) FILTER (WHERE NOT is_whole), max(locations) FILTER (WHERE is_whole),
       max(locations) FILTER (WHERE NOT is_whole), max(latest_at),
       jsonb_agg(jsonb_build_object('difference', difference::jsonb, 'alert_id', alert_id, 'alerts', alerts,
                                    'locations', locations) ORDER BY place)
           FILTER (WHERE NOT is_whole AND place <= %(examples)s)
  FROM ranked
 GROUP BY only_open, product_id, batch, cause, field, how, places
