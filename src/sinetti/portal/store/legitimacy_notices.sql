-- list_untold --
-- Locations whose check comes or is over its day, and whose organisation has not been told of that day. Who was never
-- checked is the operator's own matter: there is no day to tell of.
SELECT organisation_id, location_id, name, due_on
  FROM (SELECT l.organisation_id, l.location_id, l.name,
               (max(k.checked_on) + make_interval(months => %(months)s))::date AS due_on
          FROM location l
          JOIN legitimacy_check k USING (location_id)
          LEFT JOIN location_details d USING (location_id)
         WHERE coalesce(d.state, 'approved') = 'approved'
         GROUP BY l.location_id) AS each
 WHERE due_on <= %(notice_until)s
   AND NOT EXISTS (SELECT FROM legitimacy_notice n
                    WHERE n.location_id = each.location_id AND n.due_on = each.due_on)
 ORDER BY organisation_id, due_on, location_id

-- list_readers --
-- The main users of the organisation; where it has none, its contact.
WITH main_users AS (
    SELECT email, language
      FROM person
     WHERE organisation_id = %(organisation_id)s AND locked_at IS NULL
       AND role IN ('organisation_main_user', 'mah_obp_main_user')
)
SELECT email, language FROM main_users
UNION ALL
SELECT contact_email, NULL
  FROM organisation_details
 WHERE organisation_id = %(organisation_id)s AND contact_email IS NOT NULL AND NOT EXISTS (SELECT FROM main_users)
 ORDER BY email

-- note_told --
-- Returns a row the first time only.
INSERT INTO legitimacy_notice (location_id, due_on, sent_at)
VALUES (%(location_id)s, %(due_on)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING location_id
