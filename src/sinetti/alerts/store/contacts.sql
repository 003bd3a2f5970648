-- contacts_of_locations --
-- Whom to call or write to at these locations, in their order. What was registered on the command line has no details.
SELECT location.location_id, location.name, organisation.name, details.contact_name, details.contact_phone,
       details.contact_email, coalesce(details.languages, '{}')
  FROM unnest(%(location_ids)s::integer[]) WITH ORDINALITY AS wanted (location_id, place)
  JOIN location USING (location_id)
  JOIN organisation USING (organisation_id)
  LEFT JOIN location_details AS details USING (location_id)
 ORDER BY wanted.place

-- locations_of_case --
-- Where the alerts of a case were raised, by name.
SELECT location.location_id, location.name
  FROM location
 WHERE location_id IN (SELECT location_id FROM alert_file
                        WHERE (case_product_id, case_id) = (%(case_product_id)s, %(case_id)s))
 ORDER BY location.name, location.location_id

-- alerts_elsewhere --
-- The latest alert of each other location of a case.
SELECT DISTINCT ON (location_id) product_id, event_number
  FROM alert_file
 WHERE (case_product_id, case_id) = (%(case_product_id)s, %(case_id)s)
   AND location_id IS DISTINCT FROM %(location_id)s AND location_id IS NOT NULL
 ORDER BY location_id, recorded_at DESC, event_number DESC
