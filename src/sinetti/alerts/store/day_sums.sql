-- lock --
-- One worker counts at a time; the others have nothing to do.
SELECT pg_try_advisory_xact_lock(%(lock)s)

-- days_to_count --
-- Days that were never counted or still go on, and those of which an alert has changed since the last count, the newest
-- first. `since` is somewhat before the last count: what was written before it may have been committed after.
WITH changed AS (
    SELECT product_id, event_number FROM alert_history
     WHERE recorded_at >= %(since)s AND event_number IS NOT NULL
     UNION
    SELECT product_id, event_number FROM alert_analysis WHERE analysed_at >= %(since)s
)
SELECT day FROM (
    SELECT every.day::date FROM generate_series(%(first_day)s::date, %(last_day)s::date, interval '1 day') AS every (day)
     WHERE every.day::date >= %(last_day)s::date - 1
        OR NOT EXISTS (SELECT FROM alert_day_counted AS counted WHERE counted.day = every.day::date)
        -- What an older version counted has no companies' causes.
        OR (EXISTS (SELECT FROM alert_day AS counted WHERE counted.dimension = 'company' AND counted.day = every.day::date)
            AND NOT EXISTS (SELECT FROM alert_day AS counted
                             WHERE counted.dimension = 'company_cause' AND counted.day = every.day::date))
     UNION
    SELECT (file.recorded_at AT TIME ZONE %(zone)s)::date
      FROM changed JOIN alert_file AS file USING (product_id, event_number)
) AS wanted (day)
 WHERE day BETWEEN %(first_day)s::date AND %(last_day)s::date
 ORDER BY day DESC

-- last_count --
-- When days were last counted; nothing before the first time.
SELECT max(counted_at) FROM alert_day_counted

-- count_day --
-- The alerts of a day by every dimension, in place of what was counted before. Rows that stay the same are not
-- written; whether any was.
WITH file AS MATERIALIZED (
    SELECT product_code, batch, location_id, equipment_id, user_agent, obp_organisation_id, cause, operation_code, status,
           closing_reason
      FROM alert_file
     WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND alert_id IS NOT NULL
),
counted AS MATERIALIZED (
    SELECT of.dimension, of.key, of.batch, count(*) AS alerts, count(*) FILTER (WHERE status <> 'closed') AS open_alerts,
           count(*) FILTER (WHERE closing_reason = ANY (%(false_reasons)s)) AS false_alerts
      FROM file
     CROSS JOIN LATERAL (VALUES ('all', '', ''), ('batch', product_code, file.batch),
                                ('location', location_id::text, ''), ('equipment', equipment_id::text, ''),
                                ('software', user_agent, ''), ('company', obp_organisation_id::text, ''),
                                ('cause', cause, ''), ('code', operation_code, ''),
                                ('company_cause', obp_organisation_id::text, cause)) AS of (dimension, key, batch)
     WHERE of.key IS NOT NULL AND of.batch IS NOT NULL
     GROUP BY of.dimension, of.key, of.batch
),
gone AS (
    DELETE FROM alert_day AS old
     WHERE day = %(day)s AND dimension = ANY (%(dimensions)s)
       AND NOT EXISTS (SELECT FROM counted
                        WHERE (counted.dimension, counted.key, counted.batch) = (old.dimension, old.key, old.batch))
    RETURNING 1
),
written AS (
    INSERT INTO alert_day AS old (dimension, day, key, batch, alerts, open_alerts, false_alerts)
    SELECT dimension, %(day)s, key, batch, alerts, open_alerts, false_alerts FROM counted
        ON CONFLICT (dimension, day, key, batch)
        DO UPDATE SET alerts = excluded.alerts, open_alerts = excluded.open_alerts, false_alerts = excluded.false_alerts
        WHERE (old.alerts, old.open_alerts, old.false_alerts)
              <> (excluded.alerts, excluded.open_alerts, excluded.false_alerts)
    RETURNING 1
)
SELECT EXISTS (SELECT FROM gone) OR EXISTS (SELECT FROM written)

-- clear_board --
-- A period's boards are made anew.
DELETE FROM alert_board WHERE days = %(days)s

-- make_board --
-- The clusters with the most alerts of a period, for every dimension. Reading the sums of three months for a page takes
-- longer than a page may: there are as many as alerts, where most clusters are small.
INSERT INTO alert_board (dimension, days, rank, key, batch, alerts, open_alerts, false_alerts, clusters, last_day)
SELECT dimension, %(days)s, rank, key, batch, alerts, open_alerts, false_alerts, clusters, %(last_day)s
  FROM (SELECT dimension, key, batch, sum(alerts) AS alerts, sum(open_alerts) AS open_alerts,
               sum(false_alerts) AS false_alerts, count(*) OVER (PARTITION BY dimension) AS clusters,
               row_number() OVER (PARTITION BY dimension ORDER BY sum(alerts) DESC, key, batch) AS rank
          FROM alert_day
         WHERE dimension NOT IN ('all', 'company_cause') AND day BETWEEN %(first_day)s AND %(last_day)s
         GROUP BY dimension, key, batch) AS summed
 WHERE rank <= %(at_most)s

-- boards_end --
-- The day that boards end with; nothing where some were never made.
SELECT min(last_day) FROM alert_board HAVING count(DISTINCT days) = %(periods)s

-- note_day --
-- When a day was counted.
INSERT INTO alert_day_counted (day, counted_at) VALUES (%(day)s, %(now)s)
    ON CONFLICT (day) DO UPDATE SET counted_at = excluded.counted_at

-- hours_to_count --
-- Hours that were never counted, or not since an hour after their end, the newest first.
SELECT every.hour FROM generate_series(%(first_hour)s::timestamptz, %(last_hour)s::timestamptz, interval '1 hour') AS every (hour)
 WHERE NOT EXISTS (SELECT FROM operation_hour AS counted
                    WHERE counted.hour = every.hour AND counted.counted_at >= every.hour + interval '2 hours')
 ORDER BY every.hour DESC
 LIMIT %(at_most)s

-- count_hour --
-- The operations of an hour, from the part of the record that holds it.
INSERT INTO operation_hour (hour, operations, counted_at)
SELECT %(starts_at)s, count(*), %(now)s FROM pack_event WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s
    ON CONFLICT (hour) DO UPDATE SET operations = excluded.operations, counted_at = excluded.counted_at

-- forget_days --
-- What no board shows any more. The sums of whole days stay: they are few.
DELETE FROM alert_day WHERE day < %(first_day)s AND dimension <> 'all'

-- want_days --
-- All days are to be counted anew.
DELETE FROM alert_day_counted
