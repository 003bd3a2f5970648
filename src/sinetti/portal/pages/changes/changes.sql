-- list_changes --
-- The facts of changes of IT system: of one location, of one application, or all that are under way within reach. What is new is the
-- newest living equipment that was made since the application was sent, and is not replaced itself; one that works goes
-- before one that does not.
SELECT a.application_id, a.state, a.first_applied_at, a.state_at, a.organisation_id, o.name AS organisation_name,
       a.location_id, l.name AS location_name, a.asks, p.name AS applied_by_name, p.email AS applied_by_email,
       p.language AS applied_by_language, n.new, coalesce(r.old, '[]') AS old
  FROM application a
  JOIN organisation o USING (organisation_id)
  JOIN location l USING (location_id)
  JOIN person p ON p.user_id = a.applied_by
  LEFT JOIN LATERAL (
       SELECT jsonb_build_object(
                'equipment_id', c.equipment_id, 'name', c.name, 'made_at', c.created_at,
                'made_by_name', d.created_by_name, 'client_role', c.client_role, 'locked_at', c.locked_at,
                'first_worked_at', d.first_worked_at, 'last_used_at', d.last_used_at, 'user_agent', d.user_agent,
                'api_version', d.api_version, 'handed_over_at', d.handed_over_at,
                'handed_over_by_name', d.handed_over_by_name, 'link_made_at', h.made_at, 'opened_at', h.opened_at,
                'opened_by_name', h.opened_by_name) AS new
         FROM client_equipment c
         LEFT JOIN client_equipment_details d USING (equipment_id)
         LEFT JOIN LATERAL (
              SELECT made_at, opened_at, opened_by_name
                FROM equipment_handover
               WHERE equipment_id = c.equipment_id
               ORDER BY opened_at IS NULL, handover_id DESC
               LIMIT 1) h ON true
        WHERE c.location_id = a.location_id
          AND c.deleted_at IS NULL
          AND c.created_at >= a.first_applied_at
          AND NOT EXISTS (SELECT FROM application_equipment e
                           WHERE e.application_id = a.application_id AND e.equipment_id = c.equipment_id)
        ORDER BY d.first_worked_at IS NULL, c.created_at DESC, c.equipment_id DESC
        LIMIT 1) n ON true
  LEFT JOIN LATERAL (
       SELECT jsonb_agg(jsonb_build_object(
                'equipment_id', c.equipment_id, 'name', c.name, 'client_id', c.client_id, 'locked_at', c.locked_at,
                'lock_reason', c.lock_reason, 'deleted_at', c.deleted_at, 'last_used_at', d.last_used_at,
                'refused_at', d.refused_at) ORDER BY c.equipment_id) AS old,
              bool_or(c.locked_at IS NULL AND c.deleted_at IS NULL) AS is_open
         FROM application_equipment e
         JOIN client_equipment c USING (equipment_id)
         LEFT JOIN client_equipment_details d USING (equipment_id)
        WHERE e.application_id = a.application_id) r ON true
 WHERE a.kind = 'change_of_it_system'
   AND a.state <> 'withdrawn'
   AND (%(of_location)s::integer IS NULL OR a.location_id = %(of_location)s::integer)
   AND (%(everything)s OR a.organisation_id = %(organisation_id)s OR a.location_id = ANY (%(location_ids)s))
   AND (NOT %(under_way)s OR a.state <> 'approved' OR r.is_open)
   AND (%(pattern)s = '%%' OR l.name ~ %(forgiving)s OR o.name ~ %(forgiving)s)
 ORDER BY a.application_id DESC
 LIMIT %(limit)s

-- mark_handed_over --
-- Somebody says so. The first who did stays.
INSERT INTO client_equipment_details AS d (equipment_id, handed_over_at, handed_over_by_name)
VALUES (%(equipment_id)s, %(now)s, %(name)s)
ON CONFLICT (equipment_id) DO UPDATE
   SET handed_over_at = excluded.handed_over_at, handed_over_by_name = excluded.handed_over_by_name
 WHERE d.handed_over_at IS NULL

-- add_reminder --
-- Adds nothing where it has been sent.
INSERT INTO application_reminder (application_id, reminder, sent_at)
VALUES (%(application_id)s, %(reminder)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING application_id
