-- A large country for benchmark 7: names as they are in Finland, so that searches find what people search for.
INSERT INTO person (name, email, role, language, created_at)
VALUES ('Aino Hallinnoija', 'aino@example.fi', 'operator_administrator', 'fi', now());

INSERT INTO organisation (name, kind, created_at)
SELECT (ARRAY['Äänekosken', 'Metson', 'Kauppatorin', 'Länsi-Savon', 'Öhmanin'])[1 + n % 5] || ' apteekki ' || n,
       (ARRAY['pharmacy', 'pharmacy', 'pharmacy', 'hospital_pharmacy', 'wholesaler'])[1 + n % 5],
       now() - n * interval '1 day'
  FROM generate_series(1, 1000) AS n;

INSERT INTO location (organisation_id, name, created_at)
SELECT 1 + n % 1000, (ARRAY['Keskustan', 'Äänekoski', 'Aseman', 'Torin', 'Pohjoinen'])[1 + n % 5] || ' toimipiste ' || n,
       now() - n * interval '1 hour'
  FROM generate_series(1, 5000) AS n;

INSERT INTO location_details (location_id, kind, street, postal_code, city, country, languages, contact_name,
                              contact_email, state, state_at)
SELECT location_id, 'pharmacy', 'Kauppakatu ' || location_id, lpad(location_id::text, 5, '0'),
       (ARRAY['Helsinki', 'Äänekoski', 'Turku', 'Mikkeli', 'Oulu', 'Vaasa'])[1 + location_id % 6], 'FI', '{fi}',
       'Maija Meikäläinen', 'maija' || location_id || '@example.fi', 'approved', now()
  FROM location;

INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role, created_at)
SELECT 1 + n % 5000, (ARRAY['MAXX', 'PD3', 'Salix', 'Kassa'])[1 + n % 4] || ' ' || n, 'FI-' || md5(n::text),
       sha256(n::text::bytea), CASE WHEN n % 50 = 0 THEN NULL ELSE 'full_access' END, now() - n * interval '1 minute'
  FROM generate_series(1, 20000) AS n;

INSERT INTO client_equipment_details (equipment_id, created_by_name, last_used_at, user_agent, api_version)
SELECT equipment_id, 'Maija Meikäläinen', CASE WHEN equipment_id % 10 > 0 THEN now() - equipment_id * interval '5 minutes' END,
       (ARRAY['MAXX', 'PD3', 'Salix'])[1 + equipment_id % 3] || '/' || equipment_id % 12 || '.' || equipment_id % 7,
       '3.' || equipment_id % 3
  FROM client_equipment;

INSERT INTO person (name, email, role, organisation_id, language, created_at, password_hash)
SELECT (ARRAY['Maija', 'Äijö', 'Pekka', 'Örn', 'Liisa'])[1 + n % 5] || ' Meikäläinen ' || n, 'person' || n || '@example.fi',
       'organisation_main_user', 1 + n % 1000, 'fi', now() - n * interval '1 hour', 'none'
  FROM generate_series(1, 3000) AS n;

INSERT INTO audit_entry (recorded_at, actor, user_id, user_name, user_role, user_organisation_id, action, object_kind,
                         object_id, object_name, organisation_id, location_id, new_values)
SELECT now() - (200000 - n) * interval '1 minute', 'person', 2 + n % 3000,
       (ARRAY['Maija', 'Äijö', 'Pekka', 'Örn', 'Liisa'])[1 + n % 3000 % 5] || ' Meikäläinen ' || n % 3000,
       'organisation_main_user', 1 + n % 1000,
       (ARRAY['equipment_added', 'equipment_changed', 'equipment_locked', 'signed_in', 'user_added'])[1 + n % 5],
       'client_equipment', (1 + n % 20000)::text, (ARRAY['MAXX', 'PD3', 'Salix', 'Kassa'])[1 + n % 4] || ' ' || 1 + n % 20000,
       1 + n % 1000, 1 + n % 5000, '{"client_role": "full_access"}'
  FROM generate_series(1, 200000) AS n;
