-- list_upload_gaps --
-- Batches whose data is missing, in part missing, late, or other than printed, by the likeliest cause of their alerts, of
-- which there was one since a moment.
SELECT counted.product_code, product.name AS product_name, counted.batch, counted.gap, counted.alerts,
       counted.open_alerts, counted.packs, counted.locations, counted.first_at
  FROM alert_gap_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s AND counted.latest_at >= %(since)s
   AND (%(status)s = 'any' OR counted.open_alerts > 0) AND (%(gap)s = '' OR counted.gap = %(gap)s)
   AND (%(pattern)s = '%%' OR counted.product_code LIKE %(pattern)s OR counted.batch LIKE %(pattern)s
        OR counted.product_id IN (SELECT product_id FROM product
                                   WHERE organisation_id = %(organisation_id)s AND name ~ %(forgiving)s))

-- gaps_of_batch --
-- The gaps of one batch, of open and closed alerts, with what came up and what is stored.
SELECT counted.product_code, product.name AS product_name, counted.batch, counted.gap, counted.alerts,
       counted.open_alerts, counted.packs, counted.locations, counted.first_at, came.in_analysis, came.analysed_at, came.sent_expiries,
       stored.expiry AS stored_expiry, stored.pack_count AS stored_packs, stored.uploaded_at
  FROM alert_gap_sum AS counted
  LEFT JOIN product USING (product_id)
  LEFT JOIN batch AS stored ON (stored.product_id, stored.batch) = (counted.product_id, counted.batch)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE file.analysis_wanted_at IS NOT NULL) AS in_analysis,
              max(file.analysed_at) AS analysed_at,
              array_agg(DISTINCT file.expiry) FILTER (WHERE file.expiry IS NOT NULL) AS sent_expiries
         FROM alert_file AS file
        WHERE file.obp_organisation_id = counted.organisation_id AND file.product_id = counted.product_id
          AND coalesce(file.batch, '') = counted.batch
          AND CASE counted.gap
                   WHEN 'not_uploaded' THEN file.cause = 'batch_not_uploaded'
                   WHEN 'partly' THEN file.cause = 'partial_upload'
                   WHEN 'late' THEN file.cause = 'late_upload'
                   WHEN 'expiry' THEN file.cause = 'print_differs' AND file.kind = 'other_expiry'
                   ELSE file.cause = 'print_differs' AND file.kind <> 'other_expiry' END) AS came
 WHERE counted.organisation_id = %(organisation_id)s
   AND (counted.product_code, counted.batch) = (%(product_code)s, %(batch)s)
