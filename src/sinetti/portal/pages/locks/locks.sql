-- hold_organisation --
-- How it stands, held until the transaction ends: what is judged is what is then changed.
SELECT organisation_id, NULL::integer AS location_id, name, locked_at, lock_reason,
       (SELECT count(*) FROM location l JOIN client_equipment c USING (location_id)
         WHERE l.organisation_id = organisation.organisation_id AND c.deleted_at IS NULL) AS equipment_count
  FROM organisation
 WHERE organisation_id = %(number)s
   FOR NO KEY UPDATE

-- hold_location --
-- The same of a location. Its organisation's lock is another matter.
SELECT organisation_id, location_id, name, locked_at, lock_reason,
       (SELECT count(*) FROM client_equipment c
         WHERE c.location_id = location.location_id AND c.deleted_at IS NULL) AS equipment_count
  FROM location
 WHERE location_id = %(number)s
   FOR NO KEY UPDATE
