-- list_equipment --
-- The living client equipment of the country. A lock above it shows on it, for it stops it. All that is searched is
-- looked through in one go, as each use of an expression costs more than the letters do.
SELECT c.equipment_id, c.name, c.client_id, c.client_role, c.created_at, c.location_id, l.name AS location_name,
       l.organisation_id, o.name AS organisation_name, d.last_used_at, d.user_agent, d.api_version,
       coalesce(c.locked_at, l.locked_at, o.locked_at) AS locked_at,
       CASE WHEN c.locked_at IS NOT NULL THEN c.lock_reason
            WHEN l.locked_at IS NOT NULL THEN l.lock_reason
            ELSE o.lock_reason END AS lock_reason
  FROM client_equipment c
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
  LEFT JOIN client_equipment_details d USING (equipment_id)
 WHERE c.deleted_at IS NULL
   AND (%(pattern)s = '%%'
        OR concat_ws(E'\n', c.client_id, c.name, d.user_agent, l.name, o.name) ~ %(forgiving)s)
   AND (%(used)s = ''
        OR (%(used)s = 'never' AND d.last_used_at IS NULL)
        OR (%(used)s <> 'never' AND coalesce(d.last_used_at, c.created_at) < %(quiet_since)s))
   AND (%(role)s = '' OR coalesce(c.client_role, 'none') = %(role)s)
   AND (%(state)s = '' OR (coalesce(c.locked_at, l.locked_at, o.locked_at) IS NOT NULL) = (%(state)s = 'locked'))
   AND (%(api)s = '' OR d.api_version = %(api)s)

-- list_api_versions --
-- Versions of the interface that some equipment has used, for the filter. Each is found by a step in the index, so
-- that it does not matter how much equipment has it.
WITH RECURSIVE step AS (
    (SELECT api_version FROM client_equipment_details WHERE api_version IS NOT NULL ORDER BY api_version LIMIT 1)
    UNION ALL
    SELECT (SELECT d.api_version FROM client_equipment_details d
             WHERE d.api_version > step.api_version ORDER BY d.api_version LIMIT 1)
      FROM step
     WHERE step.api_version IS NOT NULL
)
SELECT api_version FROM step WHERE api_version IS NOT NULL LIMIT %(limit)s

-- list_software --
-- Software in use with each version of the interface, by what it last said of itself.
SELECT d.user_agent, d.api_version, count(*) AS equipment_count, count(DISTINCT c.location_id) AS location_count,
       max(d.last_used_at) AS last_used_at
  FROM client_equipment c
  JOIN client_equipment_details d USING (equipment_id)
 WHERE c.deleted_at IS NULL
   AND d.last_used_at IS NOT NULL
   AND (%(used)s = '' OR d.last_used_at >= %(used_since)s)
   AND (%(pattern)s = '%%' OR d.user_agent ~ %(forgiving)s OR d.api_version LIKE %(pattern)s)
 GROUP BY d.user_agent, d.api_version

-- count_software --
-- How much equipment there is that has been used: what the bars are measured against.
SELECT count(*)
  FROM client_equipment c
  JOIN client_equipment_details d USING (equipment_id)
 WHERE c.deleted_at IS NULL
   AND d.last_used_at IS NOT NULL
   AND (%(used)s = '' OR d.last_used_at >= %(used_since)s)
