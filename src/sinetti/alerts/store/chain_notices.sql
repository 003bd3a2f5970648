-- addressees --
-- People who may be told, each once.
SELECT DISTINCT person.email, person.language, person.role = 'authority_inspector' AS is_authority
  FROM person
  LEFT JOIN organisation USING (organisation_id)
 WHERE person.locked_at IS NULL
   AND (('authority' = ANY (%(recipients)s::text[]) AND person.role = 'authority_inspector')
        OR ('wholesalers' = ANY (%(recipients)s::text[]) AND organisation.kind = 'wholesaler'
            AND person.role IN ('organisation_main_user', 'location_user'))
        OR ('end_users' = ANY (%(recipients)s::text[]) AND person.role = 'organisation_main_user'
            AND organisation.kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot')))
 ORDER BY person.email

-- add_chain_notice --
-- What was sent.
INSERT INTO chain_notice (product_id, event_number, organisation_id, classification, recipients, addition, people,
                          sent_at, user_id, equipment_id, user_name, transaction_id)
VALUES (%(product_id)s, %(event_number)s, %(organisation_id)s, %(classification)s, %(recipients)s, %(addition)s,
        %(people)s, %(now)s, %(user_id)s, %(equipment_id)s, %(user_name)s, %(transaction_id)s)
RETURNING notice_id

-- page_of_notices --
-- Notices of a company, or of all, the latest first, after one of them.
SELECT notice.notice_id, notice.sent_at,
       coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS alert_id, file.product_code,
       product.name AS product_name, file.batch, notice.classification, notice.recipients, notice.people,
       notice.addition, company.organisation_id, company.name AS company_name
  FROM chain_notice AS notice
  JOIN alert_file AS file ON (file.product_id, file.event_number) = (notice.product_id, notice.event_number)
  JOIN organisation AS company ON company.organisation_id = notice.organisation_id
  LEFT JOIN product ON product.product_id = notice.product_id
 WHERE (%(organisation_id)s::integer IS NULL OR notice.organisation_id = %(organisation_id)s)
   AND notice.notice_id < %(after)s
 ORDER BY notice.notice_id DESC
 LIMIT %(at_most)s
