-- list_users --
-- The people that the reader may see.
SELECT * FROM (
  SELECT p.user_id, p.name, p.email, p.role, o.name AS organisation_name, p.last_signed_in_at,
         CASE WHEN p.locked_at IS NOT NULL THEN 'locked'
              WHEN p.password_hash IS NULL THEN 'invited'
              ELSE 'in_use' END AS state
    FROM person p
    LEFT JOIN organisation o USING (organisation_id)
   WHERE (%(everything)s OR p.organisation_id = %(organisation_id)s)
     AND (%(pattern)s = '%%'
          OR sinetti_sort_key(p.name, 'en') LIKE sinetti_sort_key(%(pattern)s, 'en')
          OR sinetti_sort_key(p.email, 'en') LIKE sinetti_sort_key(%(pattern)s, 'en')
          OR sinetti_sort_key(o.name, 'en') LIKE sinetti_sort_key(%(pattern)s, 'en'))
     AND (%(role)s = '' OR p.role = %(role)s)
  ) AS seen
 WHERE %(state)s = '' OR state = %(state)s

-- list_organisations --
-- For the choice of whom a new user belongs to.
SELECT organisation_id, name FROM organisation ORDER BY sinetti_sort_key(name, %(language)s), organisation_id

-- list_locations --
-- For the choice of a location user's locations.
SELECT location_id, name FROM location
 WHERE organisation_id = %(organisation_id)s
 ORDER BY sinetti_sort_key(name, %(language)s), location_id
