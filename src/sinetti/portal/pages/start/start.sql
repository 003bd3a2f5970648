-- count_country --
-- What the start page counts, within reach of the person. `quiet_since` is the moment since when equipment counts as
-- not used for long.
SELECT (SELECT count(*)
          FROM location
         WHERE %(everything)s OR organisation_id = %(organisation_id)s OR location_id = ANY (%(location_ids)s))
           AS locations,
       (SELECT count(*)
          FROM location l
          JOIN organisation o USING (organisation_id)
         WHERE coalesce(l.locked_at, o.locked_at) IS NOT NULL
           AND NOT EXISTS (SELECT FROM location_details d WHERE d.location_id = l.location_id AND d.state = 'closed')
           AND (%(everything)s OR organisation_id = %(organisation_id)s OR location_id = ANY (%(location_ids)s)))
           AS locked_locations,
       (SELECT count(*) FROM organisation WHERE locked_at IS NOT NULL AND %(everything)s) AS locked_organisations,
       count(*) AS equipment,
       count(*) FILTER (WHERE c.client_role IS NULL) AS without_role,
       count(*) FILTER (WHERE coalesce(c.locked_at, l.locked_at, o.locked_at) IS NOT NULL) AS locked,
       count(*) FILTER (WHERE coalesce(d.last_used_at, c.created_at) < %(quiet_since)s) AS not_used
  FROM client_equipment c
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
  LEFT JOIN client_equipment_details d USING (equipment_id)
 WHERE c.deleted_at IS NULL
   AND (%(everything)s OR l.organisation_id = %(organisation_id)s OR l.location_id = ANY (%(location_ids)s))
