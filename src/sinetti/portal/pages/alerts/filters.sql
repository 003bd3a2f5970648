-- software_of_alerts --
-- Software that raised some alert, as it named itself. Each is found by a step in the index, so that it does not
-- matter how many alerts it raised.
WITH RECURSIVE step AS (
    (SELECT user_agent FROM alert_file WHERE user_agent IS NOT NULL ORDER BY user_agent LIMIT 1)
    UNION ALL
    SELECT (SELECT file.user_agent FROM alert_file AS file
             WHERE file.user_agent > step.user_agent ORDER BY file.user_agent LIMIT 1)
      FROM step
     WHERE step.user_agent IS NOT NULL
)
SELECT user_agent FROM step WHERE user_agent IS NOT NULL LIMIT %(at_most)s

-- companies --
-- MAHs and OBPs, for the filter by whose product it is.
SELECT organisation_id, name FROM organisation WHERE kind = 'mah_obp' ORDER BY sinetti_sort_key(name, %(language)s), organisation_id

-- locations_named --
-- Locations whose name, or whose organisation's, has these letters in it. Who may see which is judged by the search.
SELECT location_id FROM location JOIN organisation USING (organisation_id)
 WHERE concat_ws(E'\n', location.name, organisation.name) ~ %(forgiving)s
 LIMIT %(at_most)s

-- name_of_location --
-- The name of a location within the reader's reach.
SELECT name FROM location
 WHERE location_id = %(number)s
   AND (%(sees_all)s OR location_id = ANY (%(location_ids)s)
        OR (%(all_of_organisation)s AND organisation_id = %(organisation_id)s))

-- name_of_organisation --
-- The name of an organisation within the reader's reach.
SELECT name FROM organisation
 WHERE organisation_id = %(number)s AND (%(sees_all)s OR organisation_id = %(organisation_id)s)

-- name_of_equipment --
-- The name of client equipment within the reader's reach.
SELECT equipment.name FROM client_equipment AS equipment JOIN location USING (location_id)
 WHERE equipment_id = %(number)s
   AND (%(sees_all)s OR location_id = ANY (%(location_ids)s)
        OR (%(all_of_organisation)s AND organisation_id = %(organisation_id)s))
