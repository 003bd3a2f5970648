-- The second part of benchmark 8, on top of alert_pages.sql: all products, and so all alerts, are those of one company.
UPDATE product SET organisation_id = (SELECT organisation_id FROM person WHERE email = 'mah@example.fi');
DELETE FROM alert_batch_sum; DELETE FROM alert_gap_sum; DELETE FROM near_miss_sum; DELETE FROM alert_batch_changed;
UPDATE alert_file SET obp_organisation_id = (SELECT organisation_id FROM person WHERE email = 'mah@example.fi')
 WHERE obp_organisation_id <> (SELECT organisation_id FROM person WHERE email = 'mah@example.fi');
DELETE FROM alert_day_counted;
INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
SELECT DISTINCT obp_organisation_id, sums, product_id, batch
  FROM alert_file, unnest(ARRAY['batches', 'gaps', 'near_misses']) AS every (sums);
