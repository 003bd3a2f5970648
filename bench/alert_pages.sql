-- Alerts of a large country for benchmark 8, on top of portal.sql: 300 000 in three months, of which 100 000 are open.
-- Some products, locations and causes have far more than others, as in any country.
INSERT INTO organisation (name, kind, created_at)
SELECT 'Lääkeyritys ' || n || ' Oy', 'mah_obp', now() - interval '2 years' FROM generate_series(1, 60) AS n;

INSERT INTO person (name, email, role, organisation_id, language, created_at, password_hash)
SELECT 'Myyntiluvan Haltija', 'mah@example.fi', 'mah_obp_main_user', organisation_id, 'fi', now(), 'none'
  FROM organisation WHERE name = 'Lääkeyritys 1 Oy';

INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)
SELECT 'gs1', '0' || (6412345000000 + n)::text, (SELECT min(organisation_id) FROM organisation WHERE kind = 'mah_obp') + n % 60,
       'Valmiste ' || n || ' 10 mg', now() - interval '2 years'
  FROM generate_series(0, 799) AS n;

INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max, serial_format)
SELECT product_id, 'LOT-' || product_id || '-' || n, '281231', now() - interval '1 year', 10000, 12, 12, 0
  FROM product, generate_series(1, 8) AS n;

INSERT INTO alert_case (product_id, case_id, kin, kin_key, opened_at, last_alert_at)
OVERRIDING SYSTEM VALUE
SELECT 0, n, 'pack', 'pack ' || n, now() - interval '90 days', now() FROM generate_series(1, 60000) AS n;

SELECT setseed(0.5);

CREATE TEMPORARY TABLE raised AS
SELECT n, now() - (300000 - n) * interval '25.92 seconds' AS at, 1 + floor(power(random(), 3) * 799)::integer AS product_id,
       1 + floor(random() * 8)::integer AS batch, 1 + floor(power(random(), 2) * 19999)::integer AS equipment_id,
       random() AS chance, random() AS other_chance
  FROM generate_series(1, 300000) AS n;

INSERT INTO alert_file (product_id, event_number, alert_id, recorded_at, received_at, level, kind, operation, operation_code,
                        scheme, product_code, serial_key, serial_number, batch, expiry, entry_mode, user_agent, equipment_id,
                        location_id, organisation_id, obp_organisation_id, case_product_id, case_id, status, status_at,
                        closing_reason, cause, cause_class, rule_id, confidence, analysed_at)
SELECT raised.product_id, n,
       regexp_replace('FI' || translate(upper(substr(md5(n::text), 1, 15)), '01', 'GH'), '(.{2})(.{3})(.{3})(.{3})(.{3})(.{3})', '\1-\2-\3-\4-\5-\6'),
       at, at, 5,
       (ARRAY['unknown_serial_number', 'unknown_serial_number', 'unknown_serial_number', 'other_batch', 'other_expiry',
              'unknown_batch_and_serial_number'])[1 + n / 3 % 6],
       (ARRAY['verify', 'supply'])[1 + n % 2],
       (ARRAY['41020011', '41020011', '41020001', '41020003', '41020005', '41020002'])[1 + n / 3 % 6],
       'gs1', product_code, md5(n::text)::uuid, 'SN' || upper(substr(md5(n::text), 1, 12)), 'LOT-' || raised.product_id || '-' || raised.batch,
       '281231', 'non-manual', user_agent, raised.equipment_id, location_id, location.organisation_id, product.organisation_id,
       0, 1 + n % 60000,
       CASE WHEN n % 3 > 0 THEN 'closed' WHEN chance < 0.6 THEN 'new' WHEN chance < 0.85 THEN 'active' WHEN chance < 0.99
            THEN 'under_investigation' ELSE 'escalated' END,
       at + interval '1 hour',
       CASE WHEN n % 3 > 0 THEN (ARRAY['reading_corrected', 'reading_corrected', 'data_corrected', 'no_answer'])[1 + n % 4] END,
       CASE WHEN other_chance < 0.5 THEN 'case_swap' WHEN other_chance < 0.7 THEN 'keyboard_layout' WHEN other_chance < 0.85
            THEN 'batch_not_uploaded' WHEN other_chance < 0.95 THEN 'double_supply' WHEN other_chance < 0.999 THEN 'unknown'
            ELSE 'falsification_pattern' END,
       'end_user_technical', 'R01', 80, at + interval '2 seconds'
  FROM raised
  JOIN product USING (product_id)
  JOIN client_equipment AS equipment ON equipment.equipment_id = raised.equipment_id
  JOIN location USING (location_id)
  LEFT JOIN client_equipment_details AS details ON details.equipment_id = raised.equipment_id
 ORDER BY n;

INSERT INTO alert (alert_id, product_id, event_number, recorded_at)
SELECT alert_id, product_id, event_number, recorded_at FROM alert_file;

INSERT INTO alert_history (product_id, event_number, case_product_id, case_id, recorded_at, change, value_after, party, rules_version)
SELECT product_id, event_number, case_product_id, case_id, recorded_at, 'received', 'new', 'system', 'bench' FROM alert_file;

INSERT INTO alert_analysis (product_id, event_number, analysed_at, rules_version, analysis)
SELECT product_id, event_number, analysed_at, 'bench',
       CASE WHEN cause NOT IN ('case_swap', 'keyboard_layout') THEN '{"hypotheses": []}'::jsonb
            ELSE jsonb_build_object('hypotheses', jsonb_build_array(jsonb_build_object(
                'cause', cause, 'corrected', jsonb_build_object('batch', batch),
                'differences', jsonb_build_array(jsonb_build_object(
                    'field', 'serial_number',
                    'how', CASE cause WHEN 'case_swap' THEN 'all_swapped' ELSE 'layout' END,
                    'values', CASE cause WHEN 'case_swap' THEN '{}'::jsonb
                                   ELSE jsonb_build_object('computer', 'nordic', 'scanner', (ARRAY['us', 'french', 'german'])[1 + event_number % 3])
                                   END,
                    'sent', 'sn' || substr(md5((event_number % 40000)::text), 1, 12),
                    'stored', 'SN' || upper(substr(md5((event_number % 40000)::text), 1, 12)),
                    'spans', jsonb_build_array(jsonb_build_object('sent_start', 0, 'sent_end', 2,
                                                                  'stored_start', 0, 'stored_end', 2)))))))
            END
  FROM alert_file;

INSERT INTO alert_deadline (product_id, event_number, deadline, side, due_at, met_at)
SELECT product_id, event_number, 'expected_answer', side, recorded_at + interval '48 hours',
       CASE WHEN status = 'closed' THEN status_at END
  FROM alert_file, unnest(CASE WHEN event_number % 10 = 0 THEN ARRAY['end_user', 'obp', 'nmvo'] ELSE ARRAY['end_user', 'obp'] END) AS side;

INSERT INTO operation_hour (hour, operations, counted_at)
SELECT date_trunc('hour', now()) - n * interval '1 hour', 20000 + n % 24 * 1000, now() FROM generate_series(0, 92 * 24) AS n;
