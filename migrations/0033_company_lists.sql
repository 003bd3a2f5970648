-- no transaction
-- statement_timeout: 30min

-- Alerts of a company's batch, for counting it anew.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_of_company_batch
    ON alert_file (obp_organisation_id, product_id, coalesce(batch, '')) WHERE obp_organisation_id IS NOT NULL;

-- What the sums of before are made from: differences of the latest analyses, and every batch is to be counted.
INSERT INTO alert_difference (product_id, event_number, difference_number, batch, cause, difference)
SELECT file.product_id, file.event_number, one.number,
       coalesce(latest.analysis #>> '{hypotheses,0,corrected,batch}', file.batch, ''),
       latest.analysis #>> '{hypotheses,0,cause}', one.difference
  FROM alert_file AS file
 CROSS JOIN LATERAL (SELECT analysis FROM alert_analysis
                      WHERE (product_id, event_number) = (file.product_id, file.event_number)
                      ORDER BY analysis_number DESC LIMIT 1) AS latest
 CROSS JOIN LATERAL jsonb_array_elements(latest.analysis #> '{hypotheses,0,differences}') WITH ORDINALITY
       AS one (difference, number)
 WHERE file.obp_organisation_id IS NOT NULL
    ON CONFLICT DO NOTHING;

INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
SELECT obp_organisation_id, 'batches', product_id, coalesce(batch, '') FROM alert_file
 WHERE obp_organisation_id IS NOT NULL AND status <> 'closed'
 UNION
SELECT obp_organisation_id, 'gaps', product_id, coalesce(batch, '') FROM alert_file
 WHERE obp_organisation_id IS NOT NULL AND is_gap(cause)
 UNION
SELECT file.obp_organisation_id, 'near_misses', file.product_id, one.batch
  FROM alert_difference AS one JOIN alert_file AS file USING (product_id, event_number)
 WHERE file.obp_organisation_id IS NOT NULL;

-- Lists of alerts that begin with whether an alert is open or whose it is, and are then put in some order: the index has all
-- that finding and ordering need, so that ten thousand alerts are passed over without reading one of them.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_open ON alert_file (recorded_at, event_number)
    INCLUDE (product_id, product_code, status) WHERE status <> 'closed';
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_of_company ON alert_file (obp_organisation_id, recorded_at, event_number)
    INCLUDE (product_id, product_code, status) WHERE obp_organisation_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_of_company_by_product
    ON alert_file (obp_organisation_id, product_code, event_number) INCLUDE (product_id, recorded_at, status)
    WHERE obp_organisation_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_deadline_late_of_side ON alert_deadline (side, due_at)
    INCLUDE (product_id, event_number) WHERE met_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS alert_file_open_age;
DROP INDEX CONCURRENTLY IF EXISTS alert_deadline_late;
