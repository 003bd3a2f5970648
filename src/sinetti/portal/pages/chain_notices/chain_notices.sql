-- list_chain_notices --
-- Notices within reach.
SELECT notice.notice_id, notice.sent_at, coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS alert_id,
       file.product_code, product.name AS product_name, file.batch, notice.classification, notice.recipients,
       notice.people, notice.addition, company.name AS company_name
  FROM chain_notice AS notice
  JOIN alert_file AS file ON (file.product_id, file.event_number) = (notice.product_id, notice.event_number)
  JOIN organisation AS company ON company.organisation_id = notice.organisation_id
  LEFT JOIN product ON product.product_id = notice.product_id
 WHERE (%(everything)s OR notice.organisation_id = %(organisation_id)s)
   AND (%(pattern)s = '%%' OR file.product_code LIKE %(pattern)s OR file.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s OR file.alert_id = upper(btrim(%(pattern)s, '%%')))
