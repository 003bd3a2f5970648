-- serial_numbers_of_batch --
-- What was sent of a batch and was not uploaded at that time, for comparing with what was packed; how many there are in
-- all, and how many are missing still. What is under suspicion is left out: nobody is to upload it.
SELECT *, count(*) OVER () AS in_all, count(*) FILTER (WHERE NOT is_uploaded) OVER () AS missing
  FROM (SELECT file.scheme, file.product_code, coalesce(file.batch, '') AS batch, file.expiry, file.serial_number,
               min(file.recorded_at) AS first_at, count(*) AS alerts,
               bool_or(EXISTS (SELECT FROM pack
                                WHERE pack.product_id = file.product_id AND pack.serial_key = file.serial_key)) AS is_uploaded
          FROM alert_file AS file
         WHERE file.obp_organisation_id = %(organisation_id)s AND file.product_code = %(product_code)s
           AND file.product_id IN (SELECT product_id FROM alert_gap_sum
                                    WHERE organisation_id = %(organisation_id)s AND product_code = %(product_code)s
                                      AND batch = %(batch)s)
           AND coalesce(file.batch, '') = %(batch)s
           AND file.cause IN ('batch_not_uploaded', 'partial_upload', 'late_upload')
           AND NOT EXISTS (SELECT FROM alert_file AS suspected
                            WHERE suspected.product_id = file.product_id AND suspected.serial_number = file.serial_number
                              AND suspected.classification <> 'potential_suspicion')
         GROUP BY file.scheme, file.product_code, file.batch, file.expiry, file.serial_number) AS sent
 ORDER BY is_uploaded, first_at, serial_number
 LIMIT %(at_most)s

-- suspected_of_batch --
-- How many packs of a batch are under suspicion or confirmed as falsification.
SELECT count(DISTINCT serial_number)
  FROM alert_file
 WHERE obp_organisation_id = %(organisation_id)s AND product_code = %(product_code)s
   AND product_id IN (SELECT product_id FROM alert_gap_sum
                       WHERE organisation_id = %(organisation_id)s AND product_code = %(product_code)s AND batch = %(batch)s)
   AND coalesce(batch, '') = %(batch)s AND classification <> 'potential_suspicion'

-- page_of_gaps --
-- The gaps of a company to which an alert since a moment points, those with most open alerts first.
SELECT counted.product_code, product.name AS product_name, counted.batch, counted.gap, counted.alerts,
       counted.open_alerts, counted.packs, counted.locations, counted.first_at
  FROM alert_gap_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s AND counted.latest_at >= %(since)s
   AND (%(with_closed)s OR counted.open_alerts > 0)
 ORDER BY counted.open_alerts DESC, counted.packs DESC, counted.product_code, counted.batch, counted.gap
 LIMIT %(at_most)s OFFSET %(skip)s

-- page_of_near_misses --
-- The near misses of a company that came up since a moment, the most telling first.
SELECT near_miss_id, counted.product_id, counted.product_code, product.name AS product_name, counted.batch,
       counted.cause, counted.field, counted.how, counted.places, counted.alerts, counted.sent_values,
       counted.locations, counted.same_value_locations, counted.latest_at
  FROM near_miss_sum AS counted
  LEFT JOIN product USING (product_id)
 WHERE counted.organisation_id = %(organisation_id)s AND counted.only_open <> %(with_closed)s
   AND counted.latest_at >= %(since)s
 ORDER BY counted.same_value_locations DESC, counted.locations DESC, counted.alerts DESC, near_miss_id
 LIMIT %(at_most)s OFFSET %(skip)s
