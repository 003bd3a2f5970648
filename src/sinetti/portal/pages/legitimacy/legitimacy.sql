-- list_checks --
-- Locations with a contract, and how each stands.
SELECT * FROM (
  SELECT l.location_id, l.name, o.name AS organisation_name, k.checked_on, k.checked_by_name, k.due_on,
         CASE WHEN k.due_on IS NULL THEN 'never'
              WHEN k.due_on < %(today)s THEN 'overdue'
              WHEN k.due_on <= %(notice_until)s THEN 'coming'
              ELSE 'done' END AS standing
    FROM location l
    JOIN organisation o USING (organisation_id)
    LEFT JOIN location_details d USING (location_id)
    LEFT JOIN LATERAL (
         SELECT c.checked_on, c.checked_by_name, (c.checked_on + make_interval(months => %(months)s))::date AS due_on
           FROM legitimacy_check c
          WHERE c.location_id = l.location_id
          ORDER BY c.checked_on DESC, c.check_id DESC
          LIMIT 1) k ON true
   WHERE coalesce(d.state, 'approved') = 'approved'
     AND (%(pattern)s = '%%' OR l.name ~ %(forgiving)s OR o.name ~ %(forgiving)s)
  ) AS seen
 WHERE %(standing)s = '' OR standing = %(standing)s

-- list_of_location --
-- Each check of a location, the newest first.
SELECT checked_on, checked_by_name, method, document_reference, recorded_at
  FROM legitimacy_check
 WHERE location_id = %(location_id)s
 ORDER BY checked_on DESC, check_id DESC

-- add_check --
-- Recorded for good.
INSERT INTO legitimacy_check (location_id, checked_on, checked_by, checked_by_name, method, document_reference, recorded_at)
VALUES (%(location_id)s, %(checked_on)s, %(checked_by)s, %(checked_by_name)s, %(method)s, %(document_reference)s, %(now)s)
