-- clusters --
-- What the most alerts of a period have in common, and how many there are to have in common.
SELECT key, batch, alerts, open_alerts, false_alerts, clusters FROM alert_board
 WHERE dimension = %(dimension)s AND days = %(days)s
 ORDER BY rank

-- days_of_clusters --
-- Alerts by day of some clusters.
SELECT alert_day.key, alert_day.batch, day, alerts
  FROM alert_day JOIN unnest(%(keys)s::text[], %(batches)s::text[]) AS asked (key, batch)
    ON (alert_day.key, alert_day.batch) = (asked.key, asked.batch)
 WHERE dimension = %(dimension)s AND day BETWEEN %(first_day)s AND %(last_day)s

-- names_batch --
-- What products are called.
SELECT DISTINCT ON (product_code) product_code, name, NULL FROM product WHERE product_code = ANY (%(keys)s)

-- names_location --
-- Locations and their organisations.
SELECT location_id::text, location.name, organisation.name
  FROM location JOIN organisation USING (organisation_id) WHERE location_id = ANY (%(keys)s::integer[])

-- names_equipment --
-- Client equipment and its location.
SELECT equipment_id::text, equipment.name, location.name
  FROM client_equipment AS equipment JOIN location USING (location_id) WHERE equipment_id = ANY (%(keys)s::integer[])

-- names_company --
-- MAHs and OBPs.
SELECT organisation_id::text, name, NULL FROM organisation WHERE organisation_id = ANY (%(keys)s::integer[])

-- alerts_by_day --
-- All alerts of the country by day.
SELECT day, alerts, open_alerts, false_alerts FROM alert_day
 WHERE dimension = 'all' AND day BETWEEN %(first_day)s AND %(last_day)s

-- operations_by_day --
-- All operations of the country by its days.
SELECT (hour AT TIME ZONE %(zone)s)::date, sum(operations)
  FROM operation_hour WHERE hour >= %(starts_at)s AND hour < %(ends_at)s
 GROUP BY 1

-- counted_at --
-- How fresh the numbers are: the older of the two counts. Nothing where one was never made.
SELECT CASE WHEN days.at IS NOT NULL AND hours.at IS NOT NULL THEN least(days.at, hours.at) END
  FROM (SELECT max(counted_at) AS at FROM alert_day_counted) AS days,
       (SELECT max(counted_at) AS at FROM operation_hour WHERE hour >= %(hours_since)s) AS hours

-- oldest_open --
-- The alerts that have been open for longest.
SELECT file.alert_id, file.recorded_at, file.kind, file.status, file.product_code,
       (SELECT name FROM product WHERE product.product_id = file.product_id) AS product_name,
       (SELECT name FROM location WHERE location.location_id = file.location_id) AS location_name
  FROM alert_file AS file
 WHERE file.status <> 'closed' AND file.alert_id IS NOT NULL
 ORDER BY file.recorded_at, file.event_number
 LIMIT %(at_most)s

-- missed_by_side --
-- Deadlines that each side has missed and not made up for, counted up to a bound.
SELECT side, (SELECT count(*) FROM (SELECT FROM alert_deadline
                                     WHERE alert_deadline.side = sides.side AND met_at IS NULL AND due_at < %(now)s
                                     LIMIT %(counted_max)s + 1) AS late)
  FROM unnest(%(sides)s::text[]) AS sides (side)

-- longest_missed --
-- The deadlines that were missed first.
SELECT coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS alert_id, file.kind, late.side,
       late.deadline, late.due_at
  FROM (SELECT * FROM alert_deadline WHERE met_at IS NULL AND due_at < %(now)s ORDER BY due_at LIMIT %(at_most)s) AS late
  JOIN alert_file AS file USING (product_id, event_number)
 ORDER BY late.due_at, late.side
