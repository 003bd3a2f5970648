-- hold_location --
-- A location with all its fields, held until the transaction ends: what is judged is what is then changed.
SELECT l.location_id, l.organisation_id, o.name AS organisation_name, o.kind AS organisation_kind, l.locked_at,
       coalesce(d.state, 'approved') AS state, l.name, d.kind, d.gln, d.street, d.postal_code, d.city, d.country,
       coalesce(d.languages, '{}') AS languages, d.contact_name, d.contact_email, d.contact_phone
  FROM location l
  JOIN organisation o USING (organisation_id)
  LEFT JOIN location_details d USING (location_id)
 WHERE l.location_id = %(location_id)s
   FOR NO KEY UPDATE OF l

-- keep_fields --
-- All that is known of it beside its name.
INSERT INTO location_details AS d (location_id, kind, gln, street, postal_code, city, country, languages, contact_name,
                                   contact_email, contact_phone, state, state_at)
VALUES (%(location_id)s, %(kind)s, %(gln)s, %(street)s, %(postal_code)s, %(city)s, %(country)s, %(languages)s,
        %(contact_name)s, %(contact_email)s, %(contact_phone)s, 'approved', %(now)s)
ON CONFLICT (location_id) DO UPDATE
   SET kind = excluded.kind, gln = excluded.gln, street = excluded.street, postal_code = excluded.postal_code,
       city = excluded.city, country = excluded.country, languages = excluded.languages,
       contact_name = excluded.contact_name, contact_email = excluded.contact_email,
       contact_phone = excluded.contact_phone

-- close_location --
-- The contract has ended. Its GLN is free for another.
INSERT INTO location_details (location_id, state, state_reason, state_at)
VALUES (%(location_id)s, 'closed', %(reason)s, %(now)s)
ON CONFLICT (location_id) DO UPDATE
   SET state = excluded.state, state_reason = excluded.state_reason, state_at = excluded.state_at

-- gln_is_taken --
-- Whether another location that is not closed has this GLN. Whoever asks waits for others who give one just now.
SELECT EXISTS (
    SELECT FROM location_details
     WHERE gln = %(gln)s AND state <> 'closed' AND location_id IS DISTINCT FROM %(location_id)s::integer)

-- hold_glns --
-- One after the other, so that two applications for the same GLN meet each other here and not at the index.
SELECT pg_advisory_xact_lock(hashtext('location_details.gln'))
