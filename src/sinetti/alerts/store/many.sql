-- barred --
-- Alerts whose latest analysis has a guard rail that no bulk change closes over.
SELECT wanted.product_id, wanted.event_number
  FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]) AS wanted (product_id, event_number)
 CROSS JOIN LATERAL (
     SELECT analysis FROM alert_analysis
      WHERE (alert_analysis.product_id, alert_analysis.event_number) = (wanted.product_id, wanted.event_number)
      ORDER BY analysis_number DESC LIMIT 1
 ) AS latest
 WHERE (latest.analysis ->> 'is_high_risk')::boolean
    OR latest.analysis -> 'hypotheses' -> 0 -> 'bars' ?| %(bars)s::text[]

-- found_keys --
-- Which alerts a search finds. The search is put to the end of it (`alerts.searching`), and then the order.
SELECT file.product_id, file.event_number
  FROM alert_file AS file
 WHERE true

-- order_of_found --
-- The oldest first, and one more than may be changed.
 ORDER BY file.recorded_at, file.event_number LIMIT %(at_most)s
