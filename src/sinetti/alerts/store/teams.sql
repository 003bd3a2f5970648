-- lock_teams --
-- Those who change teams of one organisation go one after the other, so that bounds and names hold.
SELECT pg_advisory_xact_lock(hashtextextended('teams of organisation', %(owner)s))

-- teams_of --
-- The teams of an organisation, or of the operator, with their people.
SELECT team.team_id, team.organisation_id, team.name, team.markets,
       coalesce((SELECT jsonb_agg(jsonb_build_object('user_id', person.user_id, 'name', person.name,
                                                     'is_locked', person.locked_at IS NOT NULL)
                                  ORDER BY lower(person.name), person.user_id)
                   FROM alert_team_member JOIN person USING (user_id)
                  WHERE alert_team_member.team_id = team.team_id), '[]') AS members
  FROM alert_team AS team
 WHERE team.organisation_id IS NOT DISTINCT FROM %(organisation_id)s
   AND (%(team_id)s::integer IS NULL OR team.team_id = %(team_id)s)
 ORDER BY lower(team.name), team.team_id

-- count_assigned --
-- Open alerts that a team takes care of.
SELECT count(*)
  FROM alert_assignment JOIN alert_file AS file USING (product_id, event_number)
 WHERE team_id = %(team_id)s AND file.status <> 'closed'

-- make_team --
-- A team of an organisation, or of the operator.
INSERT INTO alert_team (organisation_id, name, markets) VALUES (%(organisation_id)s, %(name)s, %(markets)s)
RETURNING team_id

-- change_team --
-- Its name and the markets that it takes care of.
UPDATE alert_team SET name = %(name)s, markets = %(markets)s
 WHERE team_id = %(team_id)s AND organisation_id IS NOT DISTINCT FROM %(organisation_id)s

-- remove_team --
-- A team is gone; its people stay, and what was assigned to it is assigned to nobody.
DELETE FROM alert_team WHERE team_id = %(team_id)s AND organisation_id IS NOT DISTINCT FROM %(organisation_id)s

-- set_team_members --
-- Exactly these people are in the team, of those who belong to its organisation and are in the role for it.
WITH team AS (
    SELECT team_id, organisation_id FROM alert_team
     WHERE team_id = %(team_id)s AND organisation_id IS NOT DISTINCT FROM %(organisation_id)s
),
gone AS (
    DELETE FROM alert_team_member USING team
     WHERE alert_team_member.team_id = team.team_id AND NOT user_id = ANY (%(user_ids)s::integer[])
)
INSERT INTO alert_team_member (team_id, user_id)
SELECT team.team_id, person.user_id
  FROM team JOIN person ON person.organisation_id IS NOT DISTINCT FROM team.organisation_id
 WHERE person.user_id = ANY (%(user_ids)s::integer[]) AND person.role <> 'authority_inspector'
    ON CONFLICT DO NOTHING

-- people_of --
-- Who of an organisation, or of the operator, handles alerts. A location user has locations, and all others none.
SELECT person.user_id, person.name, person.role = 'location_user' AS is_bound,
       coalesce((SELECT array_agg(location_id) FROM person_location
                  WHERE person_location.user_id = person.user_id), '{}') AS location_ids
  FROM person
 WHERE person.organisation_id IS NOT DISTINCT FROM %(organisation_id)s
   AND person.role <> 'authority_inspector' AND person.locked_at IS NULL
 ORDER BY lower(person.name), person.user_id
 LIMIT %(at_most)s

-- markets_of_person --
-- Markets of all teams that somebody is in; no row where the organisation has no teams, and so shares nothing out.
SELECT coalesce(array_agg(DISTINCT market) FILTER (WHERE market IS NOT NULL), '{}')
  FROM alert_team AS team
  LEFT JOIN alert_team_member AS member ON member.team_id = team.team_id AND member.user_id = %(user_id)s
  LEFT JOIN LATERAL unnest(CASE WHEN member.user_id IS NULL THEN '{}' ELSE team.markets END) AS market ON true
 WHERE team.organisation_id IS NOT DISTINCT FROM %(organisation_id)s
HAVING count(*) > 0

-- assigned --
-- To whom of an organisation alerts are assigned.
SELECT assignment.product_id, assignment.event_number, assignment.team_id, assignment.user_id,
       coalesce(team.name, person.name) AS name
  FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]) AS wanted (product_id, event_number)
  JOIN alert_assignment AS assignment USING (product_id, event_number)
  LEFT JOIN alert_team AS team ON team.team_id = assignment.team_id
  LEFT JOIN person ON person.user_id = assignment.user_id
 WHERE assignment.organisation_id = %(owner)s

-- set_assignment --
-- A locked alert is assigned, whoever it was assigned to.
INSERT INTO alert_assignment (product_id, event_number, organisation_id, team_id, user_id, assigned_at, assigned_by,
                              assigned_by_equipment)
VALUES (%(product_id)s, %(event_number)s, %(owner)s, %(team_id)s, %(user_id)s, %(now)s, %(assigned_by)s,
        %(assigned_by_equipment)s)
    ON CONFLICT (product_id, event_number, organisation_id)
    DO UPDATE SET team_id = excluded.team_id, user_id = excluded.user_id, assigned_at = excluded.assigned_at,
                  assigned_by = excluded.assigned_by, assigned_by_equipment = excluded.assigned_by_equipment

-- remove_assignment --
-- Nobody of the organisation takes care of it in particular.
DELETE FROM alert_assignment
 WHERE (product_id, event_number, organisation_id) = (%(product_id)s, %(event_number)s, %(owner)s)

-- lock_filters --
-- Who saves two at once, in two tabs, does it one after the other.
SELECT pg_advisory_xact_lock(hashtextextended('filters of person', %(user_id)s))

-- add_filter --
-- A search that somebody keeps under a name, shared with the own organisation or not.
INSERT INTO alert_filter (user_id, name, query, shared_with)
SELECT user_id, %(name)s, %(query)s,
       CASE WHEN NOT %(is_shared)s THEN NULL
            WHEN role = 'authority_inspector' THEN -1 ELSE coalesce(organisation_id, 0) END
  FROM person WHERE user_id = %(user_id)s
RETURNING filter_id

-- change_filter --
-- Another name; shared with the own organisation, or with nobody any more.
UPDATE alert_filter
   SET name = %(name)s,
       shared_with = CASE WHEN NOT %(is_shared)s THEN NULL
                          WHEN role = 'authority_inspector' THEN -1 ELSE coalesce(organisation_id, 0) END
  FROM person
 WHERE filter_id = %(filter_id)s AND alert_filter.user_id = %(user_id)s AND person.user_id = alert_filter.user_id

-- remove_filter --
-- It is kept no more.
DELETE FROM alert_filter WHERE filter_id = %(filter_id)s AND user_id = %(user_id)s

-- filters_of --
-- The searches that somebody keeps, and those that colleagues share: people of one organisation, of the operator, or of
-- the authority.
WITH reader AS (
    SELECT user_id, CASE WHEN role = 'authority_inspector' THEN -1 ELSE coalesce(organisation_id, 0) END AS organisation
      FROM person WHERE user_id = %(user_id)s
)
SELECT kept.filter_id, kept.name, kept.query, kept.shared_with IS NOT NULL AS is_shared,
       kept.user_id = reader.user_id AS is_own, owner.name AS owner_name
  FROM reader
  JOIN alert_filter AS kept ON kept.user_id = reader.user_id OR kept.shared_with = reader.organisation
  JOIN person AS owner ON owner.user_id = kept.user_id
 ORDER BY kept.user_id <> reader.user_id, lower(kept.name), kept.filter_id
 LIMIT %(at_most)s
