-- add_location --
-- Adds nothing where there is no such organisation.
WITH added AS (
    INSERT INTO location (organisation_id, name, created_at)
    SELECT organisation_id, %(name)s, %(now)s
      FROM organisation
     WHERE organisation_id = %(organisation_id)s
    RETURNING *
)
SELECT l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at, l.lock_reason
  FROM added l
  JOIN organisation o USING (organisation_id)

-- find_location --
-- One location with the name of its organisation.
SELECT l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at, l.lock_reason
  FROM location l
  JOIN organisation o USING (organisation_id)
 WHERE l.location_id = %(location_id)s

-- list_locations --
-- A page in the order of their numbers; of one organisation, or of all where organisation_id is NULL.
SELECT l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at, l.lock_reason
  FROM location l
  JOIN organisation o USING (organisation_id)
 WHERE l.location_id > %(after)s
   AND (%(organisation_id)s::integer IS NULL OR l.organisation_id = %(organisation_id)s::integer)
 ORDER BY l.location_id
 LIMIT %(limit)s

-- lock_location --
-- Locked again, it keeps the time of the first lock and takes the new reason.
UPDATE location l
   SET locked_at = coalesce(l.locked_at, %(now)s), lock_reason = %(reason)s
  FROM organisation o
 WHERE l.location_id = %(location_id)s
   AND o.organisation_id = l.organisation_id
RETURNING l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at,
          l.lock_reason

-- unlock_location --
-- Takes the location's own lock away; one on its organisation stays.
UPDATE location l
   SET locked_at = NULL, lock_reason = NULL
  FROM organisation o
 WHERE l.location_id = %(location_id)s
   AND o.organisation_id = l.organisation_id
RETURNING l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at,
          l.lock_reason

-- rename_location --
-- Another name.
UPDATE location l
   SET name = %(name)s
  FROM organisation o
 WHERE l.location_id = %(location_id)s
   AND o.organisation_id = l.organisation_id
RETURNING l.location_id, l.organisation_id, o.name AS organisation_name, l.name, l.created_at, l.locked_at,
          l.lock_reason
