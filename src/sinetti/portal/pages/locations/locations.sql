-- list_locations --
-- The locations that the reader may see, and those that are applied for. A lock of the organisation shows on each of
-- its locations, for it stops them; one that is closed is so for good. Equipment is reckoned for all of them at once:
-- asked for by location it took ten times as long.
SELECT * FROM (
  SELECT l.location_id AS listed_id, l.location_id, NULL::integer AS application_id, l.name, l.organisation_id, o.name AS organisation_name, d.city, d.gln,
         CASE WHEN d.state = 'closed' THEN 'closed'
              WHEN coalesce(l.locked_at, o.locked_at) IS NOT NULL THEN 'locked'
              ELSE coalesce(d.state, 'approved') END AS state,
         coalesce(e.equipment_count, 0) AS equipment_count, coalesce(e.without_role_count, 0) AS without_role_count,
         e.last_used_at
    FROM location l
    JOIN organisation o USING (organisation_id)
    LEFT JOIN location_details d USING (location_id)
    LEFT JOIN (
         SELECT c.location_id, count(*) AS equipment_count, count(*) FILTER (WHERE c.client_role IS NULL) AS without_role_count,
                max(u.last_used_at) AS last_used_at
           FROM client_equipment c
           LEFT JOIN client_equipment_details u USING (equipment_id)
          WHERE c.deleted_at IS NULL
            AND (%(everything)s
                 OR c.location_id = ANY (%(location_ids)s)
                 OR c.location_id IN (SELECT location_id FROM location WHERE organisation_id = %(organisation_id)s))
          GROUP BY c.location_id) e USING (location_id)
   WHERE (%(everything)s OR l.organisation_id = %(organisation_id)s OR l.location_id = ANY (%(location_ids)s))
     AND (%(pattern)s = '%%'
          OR l.name ~ %(forgiving)s
          OR o.name ~ %(forgiving)s
          OR d.city ~ %(forgiving)s
          OR d.gln LIKE %(pattern)s)
  UNION ALL
  SELECT -a.application_id, NULL, a.application_id, a.asks #>> '{fields,name}', a.organisation_id, o.name,
         a.asks #>> '{fields,city}', a.asks #>> '{fields,gln}', a.state, 0, 0, NULL
    FROM application a
    JOIN organisation o USING (organisation_id)
   WHERE a.kind = 'new_location'
     AND a.state IN ('applied', 'returned')
     AND (%(everything)s OR a.organisation_id = %(organisation_id)s)
     AND (%(pattern)s = '%%'
          OR a.asks #>> '{fields,name}' ~ %(forgiving)s
          OR o.name ~ %(forgiving)s
          OR a.asks #>> '{fields,city}' ~ %(forgiving)s
          OR a.asks #>> '{fields,gln}' LIKE %(pattern)s)
  ) AS seen
 WHERE %(state)s = '' OR state = %(state)s

-- find_location --
-- One location with all that is known of it.
SELECT l.location_id, l.name, l.organisation_id, o.name AS organisation_name, l.created_at,
       CASE WHEN d.state = 'closed' THEN 'closed'
            WHEN coalesce(l.locked_at, o.locked_at) IS NOT NULL THEN 'locked'
            ELSE coalesce(d.state, 'approved') END AS state,
       coalesce(o.lock_reason, l.lock_reason) AS lock_reason, coalesce(o.locked_at, l.locked_at) AS locked_at,
       l.locked_at IS NOT NULL AS own_lock, d.state_reason, d.kind, d.gln, d.street, d.postal_code, d.city, d.country,
       coalesce(d.languages, '{}') AS languages, d.contact_name, d.contact_email, d.contact_phone
  FROM location l
  JOIN organisation o USING (organisation_id)
  LEFT JOIN location_details d USING (location_id)
 WHERE l.location_id = %(location_id)s

-- list_equipment --
-- The living client equipment of one location, the newest first: the change of IT system is about the newest.
SELECT c.equipment_id, c.name, c.client_id, c.client_role, c.created_at, d.created_by_name, c.locked_at, c.lock_reason,
       d.last_used_at, d.user_agent, d.api_version
  FROM client_equipment c
  LEFT JOIN client_equipment_details d USING (equipment_id)
 WHERE c.location_id = %(location_id)s
   AND c.deleted_at IS NULL
 ORDER BY c.created_at DESC, c.equipment_id DESC
