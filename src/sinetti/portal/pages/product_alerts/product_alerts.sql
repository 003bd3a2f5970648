-- count_product_alerts --
-- The company's open alerts in figures. What is answered waits for it no more; locations are never named here.
SELECT count(*) AS alerts,
       count(*) FILTER (WHERE answer.side IS NULL) AS waiting,
       count(*) FILTER (WHERE deadline.due_at < %(now)s) AS overdue,
       count(*) FILTER (WHERE file.classification <> 'potential_suspicion') AS suspicions
  FROM alert_file AS file
  LEFT JOIN alert_investigation AS answer
    ON (answer.product_id, answer.event_number) = (file.product_id, file.event_number)
   AND answer.side = %(side)s AND answer.status <> 'pending'
  LEFT JOIN LATERAL (
       SELECT min(due_at) AS due_at FROM alert_deadline AS due
        WHERE (due.product_id, due.event_number) = (file.product_id, file.event_number)
          AND due.side = %(side)s AND due.met_at IS NULL) AS deadline ON true
 WHERE file.obp_organisation_id = %(organisation_id)s AND file.status <> 'closed'

-- list_batches --
-- The company's open alerts, a row for each batch as it was sent.
SELECT * FROM (
SELECT file.product_code, product.name AS product_name, coalesce(file.batch, '') AS batch, count(*) AS alerts,
       count(DISTINCT file.location_id) AS locations,
       count(*) FILTER (WHERE answer.side IS NULL) AS waiting,
       count(*) FILTER (WHERE deadline.due_at < %(now)s) AS overdue,
       count(*) FILTER (WHERE file.classification <> 'potential_suspicion') AS suspicions,
       min(deadline.due_at) AS due_at, min(file.recorded_at) AS oldest_at,
       mode() WITHIN GROUP (ORDER BY file.cause) AS cause
  FROM alert_file AS file
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN alert_investigation AS answer
    ON (answer.product_id, answer.event_number) = (file.product_id, file.event_number)
   AND answer.side = %(side)s AND answer.status <> 'pending'
  LEFT JOIN LATERAL (
       SELECT min(due_at) AS due_at FROM alert_deadline AS due
        WHERE (due.product_id, due.event_number) = (file.product_id, file.event_number)
          AND due.side = %(side)s AND due.met_at IS NULL) AS deadline ON true
 WHERE file.obp_organisation_id = %(organisation_id)s AND file.status <> 'closed'
   AND (%(pattern)s = '%%' OR file.product_code LIKE %(pattern)s OR file.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s)
 GROUP BY file.product_id, file.product_code, product.name, file.batch) AS of_batch
 WHERE %(what)s = '' OR (%(what)s = 'waiting' AND waiting > 0) OR (%(what)s = 'overdue' AND overdue > 0)
    OR (%(what)s = 'suspicions' AND suspicions > 0)

-- list_near_misses --
-- How what was sent differs from what the company uploaded, by the likeliest hypothesis of the latest analysis: a row
-- for each batch and kind of difference. `same_value_locations` is at how many locations the commonest wrong value came up.
WITH file AS MATERIALIZED (
    SELECT product_id, product_code, event_number, batch, location_id, recorded_at,
           (SELECT analysis.analysis #> '{hypotheses,0}' FROM alert_analysis AS analysis
             WHERE (analysis.product_id, analysis.event_number) = (alert_file.product_id, alert_file.event_number)
             ORDER BY analysis.analysis_number DESC LIMIT 1) AS first
      FROM alert_file
     WHERE obp_organisation_id = %(organisation_id)s AND recorded_at >= %(since)s
       AND (%(status)s = 'any' OR status <> 'closed')
     ORDER BY recorded_at DESC LIMIT %(looked_at)s
),
difference AS (
    SELECT file.product_id, file.product_code, coalesce(file.first #>> '{corrected,batch}', file.batch, '') AS batch,
           file.first ->> 'cause' AS cause, one ->> 'field' AS field, one ->> 'how' AS how, one -> 'values' AS places,
           one ->> 'sent' AS sent, file.location_id, file.recorded_at
      FROM file CROSS JOIN LATERAL jsonb_array_elements(file.first -> 'differences') AS one
),
same_value AS (
    SELECT product_id, batch, cause, field, how, places, count(DISTINCT location_id) AS locations
      FROM difference GROUP BY product_id, batch, cause, field, how, places, sent
)
SELECT difference.product_id, difference.product_code,
       (SELECT name FROM product WHERE product.product_id = difference.product_id) AS product_name,
       difference.batch, difference.cause, difference.field, difference.how, difference.places::text AS places,
       count(*) AS alerts, count(DISTINCT difference.sent) AS sent_values,
       count(DISTINCT difference.location_id) AS locations, max(difference.recorded_at) AS latest_at,
       (SELECT max(same_value.locations) FROM same_value
         WHERE (same_value.product_id, same_value.batch, same_value.cause, same_value.field, same_value.how, same_value.places)
             = (difference.product_id, difference.batch, difference.cause, difference.field, difference.how,
                difference.places)) AS same_value_locations
  FROM difference
 WHERE %(pattern)s = '%%' OR difference.product_code LIKE %(pattern)s OR difference.batch LIKE %(pattern)s
 GROUP BY difference.product_id, difference.product_code, difference.batch, difference.cause, difference.field,
          difference.how, difference.places

-- examples_of_near_misses --
-- Of the rows of a page what was sent beside what is stored, the values from the most locations first.
WITH file AS MATERIALIZED (
    SELECT product_id, product_code, event_number, alert_id, batch, location_id, recorded_at,
           (SELECT analysis.analysis #> '{hypotheses,0}' FROM alert_analysis AS analysis
             WHERE (analysis.product_id, analysis.event_number) = (alert_file.product_id, alert_file.event_number)
             ORDER BY analysis.analysis_number DESC LIMIT 1) AS first
      FROM alert_file
     WHERE obp_organisation_id = %(organisation_id)s AND recorded_at >= %(since)s
       AND (%(status)s = 'any' OR status <> 'closed')
     ORDER BY recorded_at DESC LIMIT %(looked_at)s
),
difference AS (
    SELECT file.product_id, coalesce(file.first #>> '{corrected,batch}', file.batch, '') AS batch,
           file.first ->> 'cause' AS cause, one ->> 'field' AS field, one ->> 'how' AS how, one -> 'values' AS places,
           one, file.alert_id, file.location_id, file.event_number
      FROM file CROSS JOIN LATERAL jsonb_array_elements(file.first -> 'differences') AS one
),
counted AS (
    SELECT product_id, batch, cause, field, how, places, one ->> 'sent' AS sent, min(one::text)::jsonb AS difference,
           max(alert_id) AS alert_id, count(*) AS alerts, count(DISTINCT location_id) AS locations
      FROM difference GROUP BY product_id, batch, cause, field, how, places, one ->> 'sent'
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY product_id, batch, cause, field, how, places
                                 ORDER BY locations DESC, alerts DESC, sent) AS place
      FROM counted
)
SELECT ranked.product_id, ranked.batch, ranked.cause, ranked.field, ranked.how, ranked.places::text AS places,
       ranked.difference, ranked.alert_id, ranked.alerts, ranked.locations
  FROM ranked
 WHERE place <= %(at_most)s
   AND (product_id, batch, cause, field, how, places) IN (
           SELECT product_id, batch, cause, field, how, places::jsonb
             FROM unnest(%(product_ids)s::integer[], %(batches)s::text[], %(causes)s::text[], %(fields)s::text[],
                         %(hows)s::text[], %(places)s::text[])
                    AS wanted (product_id, batch, cause, field, how, places))
 ORDER BY place
