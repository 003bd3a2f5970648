-- read_locks --
-- What of the person's own is locked: the organisation, and locations within reach of whoever looks after them.
SELECT 'organisation' AS part, name, locked_at, lock_reason
  FROM organisation
 WHERE organisation_id = %(organisation_id)s AND locked_at IS NOT NULL
UNION ALL
(SELECT 'location', name, locked_at, lock_reason
   FROM location
  WHERE organisation_id = %(organisation_id)s AND locked_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM location_details d WHERE d.location_id = location.location_id AND d.state = 'closed')
    AND (%(all_locations)s OR location_id = ANY (%(location_ids)s))
  ORDER BY locked_at DESC
  LIMIT %(limit)s)
