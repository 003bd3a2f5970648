-- list_organisations --
-- The organisations of the country.
SELECT o.organisation_id, o.name, o.kind, d.business_id, o.locked_at,
       (SELECT count(*) FROM location l WHERE l.organisation_id = o.organisation_id) AS location_count,
       (SELECT count(*)
          FROM location l
          JOIN client_equipment c USING (location_id)
         WHERE l.organisation_id = o.organisation_id AND c.deleted_at IS NULL) AS equipment_count,
       (SELECT count(*) FROM person p WHERE p.organisation_id = o.organisation_id) AS user_count,
       (SELECT max(u.last_used_at)
          FROM location l
          JOIN client_equipment c USING (location_id)
          JOIN client_equipment_details u USING (equipment_id)
         WHERE l.organisation_id = o.organisation_id AND c.deleted_at IS NULL) AS last_used_at
  FROM organisation o
  LEFT JOIN organisation_details d USING (organisation_id)
 WHERE (%(pattern)s = '%%'
        OR o.name ~ %(forgiving)s
        OR d.business_id LIKE %(pattern)s)
   AND (%(kind)s = '' OR o.kind = %(kind)s)
   AND (%(state)s = '' OR (o.locked_at IS NOT NULL) = (%(state)s = 'locked'))

-- find_organisation --
-- One organisation with all that is known of it.
SELECT o.organisation_id, o.name, o.kind, o.created_at, o.locked_at, o.lock_reason, d.business_id, d.contact_name,
       d.contact_email, d.contact_phone, e.*
  FROM organisation o
  LEFT JOIN organisation_details d USING (organisation_id)
 CROSS JOIN LATERAL (
       SELECT count(*) AS equipment_count,
              count(*) FILTER (WHERE c.client_role IS NULL) AS without_role_count,
              count(*) FILTER (WHERE coalesce(c.locked_at, l.locked_at, o.locked_at) IS NOT NULL) AS locked_count,
              max(u.last_used_at) AS last_used_at
         FROM location l
         JOIN client_equipment c USING (location_id)
         LEFT JOIN client_equipment_details u USING (equipment_id)
        WHERE l.organisation_id = o.organisation_id
          AND c.deleted_at IS NULL) e
 WHERE o.organisation_id = %(organisation_id)s

-- list_locations --
-- The first locations of an organisation that the reader may see; the list of locations has all of them.
SELECT l.location_id, l.name, d.city,
       CASE WHEN d.state = 'closed' THEN 'closed'
            WHEN coalesce(l.locked_at, o.locked_at) IS NOT NULL THEN 'locked'
            ELSE coalesce(d.state, 'approved') END AS state,
       e.equipment_count, e.last_used_at, count(*) OVER () AS total
  FROM location l
  JOIN organisation o USING (organisation_id)
  LEFT JOIN location_details d USING (location_id)
 CROSS JOIN LATERAL (
       SELECT count(*) AS equipment_count, max(u.last_used_at) AS last_used_at
         FROM client_equipment c
         LEFT JOIN client_equipment_details u USING (equipment_id)
        WHERE c.location_id = l.location_id
          AND c.deleted_at IS NULL) e
 WHERE l.organisation_id = %(of_organisation)s
   AND (%(everything)s OR l.organisation_id = %(organisation_id)s OR l.location_id = ANY (%(location_ids)s))
 ORDER BY sinetti_sort_key(l.name, %(language)s), l.location_id
 LIMIT %(limit)s

-- list_people --
-- The people of an organisation; whom to ask first.
SELECT user_id, name, email, role, locked_at, password_hash IS NOT NULL AS has_password
  FROM person
 WHERE organisation_id = %(of_organisation)s
   AND (%(everybody)s OR role IN ('organisation_main_user', 'mah_obp_main_user'))
 ORDER BY role NOT IN ('organisation_main_user', 'mah_obp_main_user'), sinetti_sort_key(name, %(language)s), user_id
 LIMIT %(limit)s

-- list_recent --
-- What was done lately that concerns the organisation.
SELECT recorded_at, user_name, action, object_name
  FROM audit_entry
 WHERE organisation_id = %(of_organisation)s
 ORDER BY audit_number DESC
 LIMIT %(limit)s

-- hold_organisation --
-- As it is, until the transaction ends: two people change it one after the other.
SELECT o.organisation_id, o.name, o.kind, d.business_id, d.contact_name, d.contact_email, d.contact_phone
  FROM organisation o
  LEFT JOIN organisation_details d USING (organisation_id)
 WHERE o.organisation_id = %(organisation_id)s
   FOR NO KEY UPDATE OF o

-- holder_of_business_id --
-- Which other organisation has this number.
SELECT o.name FROM organisation_details d JOIN organisation o USING (organisation_id)
 WHERE d.business_id = %(business_id)s AND organisation_id <> %(organisation_id)s

-- hold_business_ids --
-- Two people who enter the same number at once come one after the other, and the second one is told.
SELECT pg_advisory_xact_lock(hashtextextended('organisation_details.business_id', 0))

-- keep_details --
-- Whom to reach, from now on.
INSERT INTO organisation_details AS d (organisation_id, business_id, contact_name, contact_email, contact_phone)
VALUES (%(organisation_id)s, %(business_id)s, %(contact_name)s, %(contact_email)s, %(contact_phone)s)
ON CONFLICT (organisation_id) DO UPDATE
   SET business_id = excluded.business_id, contact_name = excluded.contact_name,
       contact_email = excluded.contact_email, contact_phone = excluded.contact_phone
