-- list_applications --
-- The applications that the reader may see. `state` may also be `open`, which is what is not decided for good.
SELECT a.application_id, a.kind, a.state, a.state_at, a.organisation_id, o.name AS organisation_name,
       coalesce(l.name, a.asks #>> '{fields,name}') AS name, p.name AS applied_by_name
  FROM application a
  JOIN organisation o USING (organisation_id)
  LEFT JOIN location l USING (location_id)
  JOIN person p ON p.user_id = a.applied_by
 WHERE (%(everything)s OR a.organisation_id = %(organisation_id)s OR a.location_id = ANY (%(location_ids)s))
   AND (%(kind)s = '' OR a.kind = %(kind)s)
   AND (%(state)s = 'all' OR a.state = %(state)s OR %(state)s = '' AND a.state IN ('applied', 'returned'))
   AND (%(waiting)s = '' OR a.state = 'applied' AND a.state_at <= %(waiting_since)s)
   AND (%(pattern)s = '%%'
        OR coalesce(l.name, a.asks #>> '{fields,name}') ~ %(forgiving)s
        OR o.name ~ %(forgiving)s)

-- find_application --
-- One application, held until the transaction ends: of two who decide, the second finds the first one's decision.
SELECT a.application_id, a.kind, a.state, a.state_at, a.first_applied_at, a.organisation_id,
       o.name AS organisation_name, o.kind AS organisation_kind, a.location_id,
       coalesce(l.name, a.asks #>> '{fields,name}') AS name, a.asks, p.name AS applied_by_name,
       p.email AS applied_by_email, p.language AS applied_by_language,
       (SELECT max(s.step_number) FROM application_step s WHERE s.application_id = a.application_id) AS last_step
  FROM application a
  JOIN organisation o USING (organisation_id)
  LEFT JOIN location l USING (location_id)
  JOIN person p ON p.user_id = a.applied_by
 WHERE a.application_id = %(application_id)s
   FOR UPDATE OF a

-- list_steps --
-- The timeline, oldest first.
SELECT step_number, recorded_at, step, side, user_name, reason
  FROM application_step
 WHERE application_id = %(application_id)s
 ORDER BY step_number

-- open_application --
-- The open one of this kind for a location, if there is one.
SELECT application_id
  FROM application
 WHERE location_id = %(location_id)s AND kind = %(kind)s AND state IN ('applied', 'returned')

-- add_application --
-- A new one.
INSERT INTO application (kind, organisation_id, location_id, state, asks, applied_by, first_applied_at, state_at)
VALUES (%(kind)s, %(organisation_id)s, %(location_id)s, %(state)s, %(asks)s, %(user_id)s, %(now)s, %(now)s)
RETURNING application_id

-- set_state --
-- What a step makes of it.
UPDATE application
   SET state = %(state)s, state_at = %(now)s, asks = %(asks)s, location_id = coalesce(%(location_id)s, location_id),
       applied_by = coalesce(%(applied_by)s, applied_by)
 WHERE application_id = %(application_id)s

-- add_step --
-- Who did it, when and why.
INSERT INTO application_step (application_id, recorded_at, step, side, user_id, user_name, reason, asks)
VALUES (%(application_id)s, %(now)s, %(step)s, %(side)s, %(user_id)s, %(user_name)s, %(reason)s, %(asks)s)

-- forget_equipment --
-- Before what an application replaces is named anew.
DELETE FROM application_equipment WHERE application_id = %(application_id)s

-- keep_equipment --
-- What it replaces.
INSERT INTO application_equipment (application_id, equipment_id)
SELECT %(application_id)s, equipment_id FROM unnest(%(equipment_ids)s::integer[]) AS named (equipment_id)

-- list_equipment --
-- Client equipment of a location that can be replaced.
SELECT equipment_id, name, client_id
  FROM client_equipment
 WHERE location_id = %(location_id)s AND deleted_at IS NULL
 ORDER BY created_at, equipment_id

-- list_operators --
-- Who decides, and so hears of what arrives.
SELECT email, language
  FROM person
 WHERE role = 'operator_administrator' AND locked_at IS NULL
 ORDER BY user_id

-- list_due_closings --
-- Locations whose last day has passed, and which are still open.
SELECT a.application_id, a.location_id, l.organisation_id, l.name
  FROM application a
  JOIN location l USING (location_id)
  LEFT JOIN location_details d USING (location_id)
 WHERE a.kind = 'close_location' AND a.state = 'approved'
   AND (a.asks ->> 'closes_on')::date < %(today)s
   AND coalesce(d.state, 'approved') <> 'closed'
 ORDER BY a.application_id
   FOR UPDATE OF a

-- change_is_done --
-- Whether everything that a change of IT system replaces has been locked or deleted.
SELECT count(*) > 0 AND count(*) FILTER (WHERE c.locked_at IS NULL AND c.deleted_at IS NULL) = 0
  FROM application_equipment
  JOIN client_equipment c USING (equipment_id)
 WHERE application_id = %(application_id)s

-- count_waiting --
-- How many wait for the operator, or have been returned to the reader's organisation.
SELECT count(*) FILTER (WHERE state = 'applied') AS applied, count(*) FILTER (WHERE state = 'returned') AS returned
  FROM application
 WHERE state IN ('applied', 'returned')
   AND (%(everything)s OR organisation_id = %(organisation_id)s OR location_id = ANY (%(location_ids)s))

-- change_under_way --
-- The approved change of IT system of a location that has not come to its end.
SELECT a.application_id
  FROM application a
 WHERE a.location_id = %(location_id)s
   AND a.kind = 'change_of_it_system'
   AND a.state = 'approved'
   AND EXISTS (SELECT FROM application_equipment e
                 JOIN client_equipment c USING (equipment_id)
                WHERE e.application_id = a.application_id AND c.locked_at IS NULL AND c.deleted_at IS NULL)
 ORDER BY a.application_id DESC
 LIMIT 1

-- has_applications --
-- Whether there is any.
SELECT EXISTS (SELECT FROM application)
