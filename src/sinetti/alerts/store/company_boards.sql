-- company_days --
-- Alerts of a company by day.
SELECT day, alerts, open_alerts FROM alert_day
 WHERE dimension = 'company' AND key = %(company)s AND day BETWEEN %(first_day)s AND %(last_day)s

-- causes_by_day --
-- The same by likeliest cause. What is not analysed yet has none.
SELECT batch AS cause, day, alerts, open_alerts, false_alerts FROM alert_day
 WHERE dimension = 'company_cause' AND key = %(company)s AND day BETWEEN %(first_day)s AND %(last_day)s

-- company_batches --
-- The batches of a company's products with the most alerts of a period, and how many there are to have any.
SELECT key, batch, count(*) OVER () FROM alert_day
 WHERE dimension = 'batch' AND key IN (SELECT product_code FROM product WHERE organisation_id = %(organisation_id)s)
   AND day BETWEEN %(first_day)s AND %(last_day)s
 GROUP BY key, batch
 ORDER BY sum(alerts) DESC, key, batch
 LIMIT %(at_most)s

-- days_of_batches --
-- Alerts of some batches by day, with the names of their products.
SELECT counted.key, counted.batch, counted.day, counted.alerts, counted.open_alerts, counted.false_alerts,
       (SELECT min(name) FROM product
         WHERE product_code = counted.key AND organisation_id = %(organisation_id)s) AS name
  FROM unnest(%(keys)s::text[], %(batches)s::text[]) AS asked (key, batch)
  JOIN alert_day AS counted ON counted.dimension = 'batch' AND (counted.key, counted.batch) = (asked.key, asked.batch)
 WHERE counted.day BETWEEN %(first_day)s AND %(last_day)s

-- oldest_open_of_company --
-- A company's alerts that have been open for longest. Where they come from is not read here at all.
SELECT alert_id, recorded_at, kind, status, product_code, batch,
       (SELECT name FROM product WHERE product.product_id = file.product_id) AS product_name
  FROM alert_file AS file
 WHERE obp_organisation_id = %(organisation_id)s AND status <> 'closed' AND alert_id IS NOT NULL
 ORDER BY recorded_at, event_number
 LIMIT %(at_most)s
