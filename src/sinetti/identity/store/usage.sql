-- write_uses --
-- In the order of their numbers, so that two processes never wait for each other in a circle. The later use wins, and
-- the earliest success.
INSERT INTO client_equipment_details AS d (equipment_id, last_used_at, user_agent, api_version, first_worked_at)
SELECT used.equipment_id, used.used_at, used.user_agent, used.api_version,
       CASE WHEN used.worked THEN used.used_at END
  FROM unnest(%(equipment_ids)s::integer[], %(times)s::timestamptz[], %(user_agents)s::text[], %(api_versions)s::text[],
              %(worked)s::boolean[])
       AS used (equipment_id, used_at, user_agent, api_version, worked)
 WHERE EXISTS (SELECT FROM client_equipment c WHERE c.equipment_id = used.equipment_id)
 ORDER BY used.equipment_id
ON CONFLICT (equipment_id) DO UPDATE
   SET last_used_at = greatest(d.last_used_at, excluded.last_used_at),
       user_agent = CASE WHEN d.last_used_at >= excluded.last_used_at THEN d.user_agent ELSE excluded.user_agent END,
       api_version = CASE WHEN d.last_used_at >= excluded.last_used_at THEN d.api_version ELSE excluded.api_version END,
       first_worked_at = least(d.first_worked_at, excluded.first_worked_at)
 WHERE d.last_used_at IS NULL OR d.last_used_at < excluded.last_used_at
    OR excluded.first_worked_at < coalesce(d.first_worked_at, 'infinity')

-- write_refusals --
-- In the same order, for the same reason.
INSERT INTO client_equipment_details AS d (equipment_id, refused_at)
SELECT refused.equipment_id, refused.refused_at
  FROM unnest(%(equipment_ids)s::integer[], %(times)s::timestamptz[]) AS refused (equipment_id, refused_at)
 WHERE EXISTS (SELECT FROM client_equipment c WHERE c.equipment_id = refused.equipment_id)
 ORDER BY refused.equipment_id
ON CONFLICT (equipment_id) DO UPDATE
   SET refused_at = excluded.refused_at
 WHERE d.refused_at IS NULL OR d.refused_at < excluded.refused_at
