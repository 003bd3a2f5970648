-- add_equipment --
-- Adds nothing where living equipment has the client id. That there is such a location has been seen before.
WITH added AS (
    INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role, created_at)
    VALUES (%(location_id)s, %(name)s, %(client_id)s, %(secret_sha256)s, %(client_role)s, %(now)s)
    ON CONFLICT (client_id) WHERE deleted_at IS NULL DO NOTHING
    RETURNING *
)
SELECT c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id, c.client_role,
       c.created_at, c.locked_at, c.lock_reason, c.deleted_at
  FROM added c
  JOIN location l USING (location_id)

-- find_equipment --
-- Deleted equipment is found too: the record of packs names it.
SELECT c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id, c.client_role,
       c.created_at, c.locked_at, c.lock_reason, c.deleted_at
  FROM client_equipment c
  JOIN location l USING (location_id)
 WHERE c.equipment_id = %(equipment_id)s

-- find_equipment_of_client --
-- The equipment that a client id means now; deleted equipment has given its client id free.
SELECT c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id, c.client_role,
       c.created_at, c.locked_at, c.lock_reason, c.deleted_at
  FROM client_equipment c
  JOIN location l USING (location_id)
 WHERE c.client_id = %(client_id)s
   AND c.deleted_at IS NULL

-- list_equipment --
-- A page of living equipment in the order of its numbers; of one location, or of all where location_id is NULL.
SELECT c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id, c.client_role,
       c.created_at, c.locked_at, c.lock_reason, c.deleted_at
  FROM client_equipment c
  JOIN location l USING (location_id)
 WHERE c.equipment_id > %(after)s
   AND (%(location_id)s::integer IS NULL OR c.location_id = %(location_id)s::integer)
   AND c.deleted_at IS NULL
 ORDER BY c.equipment_id
 LIMIT %(limit)s

-- lock_equipment --
-- Locked again, it keeps the time of the first lock and takes the new reason.
UPDATE client_equipment c
   SET locked_at = coalesce(c.locked_at, %(now)s), lock_reason = %(reason)s
  FROM location l
 WHERE c.equipment_id = %(equipment_id)s
   AND l.location_id = c.location_id
   AND c.deleted_at IS NULL
RETURNING c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id,
          c.client_role, c.created_at, c.locked_at, c.lock_reason, c.deleted_at

-- unlock_equipment --
-- Takes the equipment's own lock away; one on its location or organisation stays.
UPDATE client_equipment c
   SET locked_at = NULL, lock_reason = NULL
  FROM location l
 WHERE c.equipment_id = %(equipment_id)s
   AND l.location_id = c.location_id
   AND c.deleted_at IS NULL
RETURNING c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id,
          c.client_role, c.created_at, c.locked_at, c.lock_reason, c.deleted_at

-- set_role --
-- What the equipment may do from now on.
UPDATE client_equipment c
   SET client_role = %(client_role)s
  FROM location l
 WHERE c.equipment_id = %(equipment_id)s
   AND l.location_id = c.location_id
   AND c.deleted_at IS NULL
RETURNING c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id,
          c.client_role, c.created_at, c.locked_at, c.lock_reason, c.deleted_at

-- rename_equipment --
-- Another plain name.
UPDATE client_equipment c
   SET name = %(name)s
  FROM location l
 WHERE c.equipment_id = %(equipment_id)s
   AND l.location_id = c.location_id
   AND c.deleted_at IS NULL
RETURNING c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id,
          c.client_role, c.created_at, c.locked_at, c.lock_reason, c.deleted_at

-- delete_equipment --
-- The row stays for the record of packs; its secret goes, and its tokens in the same transaction.
UPDATE client_equipment c
   SET deleted_at = %(now)s, secret_sha256 = NULL
  FROM location l
 WHERE c.equipment_id = %(equipment_id)s
   AND l.location_id = c.location_id
   AND c.deleted_at IS NULL
RETURNING c.equipment_id, c.location_id, l.name AS location_name, l.organisation_id, c.name, c.client_id,
          c.client_role, c.created_at, c.locked_at, c.lock_reason, c.deleted_at

-- delete_tokens_of_equipment --
-- With the deletion of the equipment, in its transaction.
DELETE FROM access_token WHERE equipment_id = %(equipment_id)s
