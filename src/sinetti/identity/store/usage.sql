-- write_uses --
-- In the order of their numbers, so that two processes never wait for each other in a circle. The later use wins.
INSERT INTO client_equipment_details AS d (equipment_id, last_used_at, user_agent, api_version)
SELECT used.equipment_id, used.used_at, used.user_agent, used.api_version
  FROM unnest(%(equipment_ids)s::integer[], %(times)s::timestamptz[], %(user_agents)s::text[], %(api_versions)s::text[])
       AS used (equipment_id, used_at, user_agent, api_version)
 WHERE EXISTS (SELECT FROM client_equipment c WHERE c.equipment_id = used.equipment_id)
 ORDER BY used.equipment_id
ON CONFLICT (equipment_id) DO UPDATE
   SET last_used_at = excluded.last_used_at, user_agent = excluded.user_agent, api_version = excluded.api_version
 WHERE d.last_used_at IS NULL OR d.last_used_at < excluded.last_used_at
