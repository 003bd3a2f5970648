-- contact --
-- Name, contact address and languages of a location, or of an organisation where there is no location or it has no
-- address; and whether a system of the organisation takes webhooks.
SELECT coalesce(location.name, organisation.name),
       coalesce(nullif(btrim(at.contact_email), ''), nullif(btrim(of.contact_email), '')),
       coalesce(at.languages, '{}'),
       EXISTS (SELECT FROM webhook_endpoint AS endpoint
                WHERE endpoint.organisation_id = organisation.organisation_id AND endpoint.proven_at IS NOT NULL
                  AND endpoint.paused_at IS NULL AND endpoint.ended_at IS NULL)
  FROM organisation
  LEFT JOIN organisation_details AS of USING (organisation_id)
  LEFT JOIN location ON location.location_id = %(location_id)s
  LEFT JOIN location_details AS at ON at.location_id = location.location_id
 WHERE organisation.organisation_id = %(organisation_id)s

-- note_told_nobody --
-- Nobody could be told by mail.
UPDATE alert_notice SET told_nobody = true WHERE (product_id, notice_number) = (%(product_id)s, %(notice_number)s)

-- add_for_contact --
-- A contact address will hear of it.
INSERT INTO notice_for_contact (product_id, notice_number, event_number, notice, party, organisation_id, location_id, pace,
                                made_at, due_at)
VALUES (%(product_id)s, %(notice_number)s, %(event_number)s, %(notice)s, %(party)s, %(organisation_id)s, %(location_id)s,
        %(pace)s, %(made_at)s, %(due_at)s)
    ON CONFLICT DO NOTHING

-- due_contacts --
-- Addressees for whom a mail is due.
SELECT party, organisation_id, location_id FROM notice_for_contact
 WHERE due_at <= %(now)s
 GROUP BY party, organisation_id, location_id
 ORDER BY min(due_at)
 LIMIT %(at_most)s

-- take_of_contact --
-- What waits for an addressee, the oldest first, locked so that two workers do not make two mails of it.
SELECT product_id, notice_number, event_number, notice, pace, made_at, due_at
  FROM notice_for_contact
 WHERE (party, organisation_id) = (%(party)s, %(organisation_id)s)
   AND location_id IS NOT DISTINCT FROM %(location_id)s
 ORDER BY made_at, notice_number
 LIMIT %(at_most)s
   FOR UPDATE SKIP LOCKED

-- remove_of_contact --
-- It is told now.
DELETE FROM notice_for_contact
 WHERE (product_id, notice_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(notice_numbers)s::bigint[]))

-- untold_of_alert --
-- Parties of an alert that nobody could be told of by mail.
SELECT DISTINCT notice.party, coalesce(location.location_id, organisation.organisation_id),
       coalesce(location.name, organisation.name)
  FROM alert_notice AS notice
  JOIN organisation USING (organisation_id)
  LEFT JOIN location ON location.location_id = notice.location_id
 WHERE (notice.product_id, notice.event_number) = (%(product_id)s, %(event_number)s) AND notice.told_nobody
 ORDER BY 1, 3
