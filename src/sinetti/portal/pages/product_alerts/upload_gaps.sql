-- list_upload_gaps --
-- Batches whose data is missing, in part missing, late, or other than printed, by the likeliest cause of their alerts.
SELECT * FROM (
SELECT file.product_id, file.product_code, product.name AS product_name, coalesce(file.batch, '') AS batch,
       CASE file.cause
            WHEN 'batch_not_uploaded' THEN 'not_uploaded'
            WHEN 'partial_upload' THEN 'partly'
            WHEN 'late_upload' THEN 'late'
            ELSE CASE file.kind WHEN 'other_expiry' THEN 'expiry' ELSE 'batch_name' END END AS gap,
       count(*) AS alerts, count(*) FILTER (WHERE file.status <> 'closed') AS open_alerts,
       count(DISTINCT file.serial_number) AS packs, count(DISTINCT file.location_id) AS locations,
       count(*) FILTER (WHERE file.analysis_wanted_at IS NOT NULL) AS in_analysis,
       max(file.analysed_at) AS analysed_at, min(file.recorded_at) AS first_at,
       array_agg(DISTINCT file.expiry) FILTER (WHERE file.expiry IS NOT NULL) AS sent_expiries,
       max(stored.expiry) AS stored_expiry, max(stored.pack_count) AS stored_packs, max(stored.uploaded_at) AS uploaded_at
  FROM alert_file AS file
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN batch AS stored ON stored.product_id = file.product_id AND stored.batch = file.batch
 WHERE file.obp_organisation_id = %(organisation_id)s AND file.recorded_at >= %(since)s
   AND file.cause IN ('batch_not_uploaded', 'partial_upload', 'late_upload', 'print_differs')
   AND (%(exact_batch)s::text IS NULL
        OR (file.product_code, coalesce(file.batch, '')) = (%(exact_product)s, %(exact_batch)s))
   AND (%(pattern)s = '%%' OR file.product_code LIKE %(pattern)s OR file.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s)
 GROUP BY file.product_id, file.product_code, product.name, file.batch, gap) AS found
 WHERE (%(status)s = 'any' OR open_alerts > 0) AND (%(gap)s = '' OR gap = %(gap)s)

-- serial_numbers_of_batch --
-- What was sent of a batch and was not uploaded at that time, for comparing with what was packed. What is under
-- suspicion is left out: nobody is to upload it.
SELECT file.scheme, file.product_code, coalesce(file.batch, '') AS batch, file.expiry, file.serial_number,
       min(file.recorded_at) AS first_at, count(*) AS alerts,
       bool_or(EXISTS (SELECT FROM pack
                        WHERE pack.product_id = file.product_id AND pack.serial_key = file.serial_key)) AS is_uploaded
  FROM alert_file AS file
 WHERE file.obp_organisation_id = %(organisation_id)s AND file.product_code = %(product_code)s
   AND coalesce(file.batch, '') = %(batch)s AND file.recorded_at >= %(since)s
   AND file.cause IN ('batch_not_uploaded', 'partial_upload', 'late_upload')
   AND NOT EXISTS (SELECT FROM alert_file AS suspected
                    WHERE suspected.product_id = file.product_id AND suspected.serial_number = file.serial_number
                      AND suspected.classification <> 'potential_suspicion')
 GROUP BY file.scheme, file.product_code, file.batch, file.expiry, file.serial_number
 ORDER BY is_uploaded, first_at, file.serial_number
 LIMIT %(at_most)s

-- suspected_of_batch --
-- How many packs of a batch are under suspicion or confirmed as falsification.
SELECT count(DISTINCT serial_number)
  FROM alert_file
 WHERE obp_organisation_id = %(organisation_id)s AND product_code = %(product_code)s
   AND coalesce(batch, '') = %(batch)s AND recorded_at >= %(since)s AND classification <> 'potential_suspicion'
