-- add_organisation --
-- A new organisation; two may have the same name, as companies do.
INSERT INTO organisation (name, kind, created_at)
VALUES (%(name)s, %(kind)s, %(now)s)
RETURNING organisation_id, name, kind, created_at, locked_at, lock_reason

-- change_organisation --
-- Another name or kind.
UPDATE organisation SET name = %(name)s, kind = %(kind)s
 WHERE organisation_id = %(organisation_id)s
RETURNING organisation_id, name, kind, created_at, locked_at, lock_reason

-- find_organisation --
-- One organisation by its number.
SELECT organisation_id, name, kind, created_at, locked_at, lock_reason
  FROM organisation
 WHERE organisation_id = %(organisation_id)s

-- list_organisations --
-- A page in the order of their numbers, after the last one of the page before.
SELECT organisation_id, name, kind, created_at, locked_at, lock_reason
  FROM organisation
 WHERE organisation_id > %(after)s
 ORDER BY organisation_id
 LIMIT %(limit)s

-- lock_organisation --
-- Locked again, it keeps the time of the first lock and takes the new reason.
UPDATE organisation
   SET locked_at = coalesce(locked_at, %(now)s), lock_reason = %(reason)s
 WHERE organisation_id = %(organisation_id)s
RETURNING organisation_id, name, kind, created_at, locked_at, lock_reason

-- unlock_organisation --
-- Takes the organisation's own lock away; those on its locations and equipment stay.
UPDATE organisation
   SET locked_at = NULL, lock_reason = NULL
 WHERE organisation_id = %(organisation_id)s
RETURNING organisation_id, name, kind, created_at, locked_at, lock_reason
