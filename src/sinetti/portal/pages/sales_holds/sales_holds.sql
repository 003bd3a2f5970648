-- list_sales_holds --
-- Requests within reach, with how many were asked and what they answered.
SELECT hold.hold_id, hold.batch, product.product_code, product.name AS product_name, hold.state, hold.asked_at,
       company.name AS company_name, counted.asked, counted.answered, counted.holding, counted.packs
  FROM sales_hold AS hold
  JOIN product USING (product_id)
  JOIN organisation AS company ON company.organisation_id = hold.organisation_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS asked, count(*) FILTER (WHERE state <> 'asked') AS answered,
              count(*) FILTER (WHERE state = 'held') AS holding,
              coalesce(sum(packs) FILTER (WHERE state = 'held'), 0) AS packs
         FROM sales_hold_answer AS answer WHERE answer.hold_id = hold.hold_id) AS counted
 WHERE (%(everything)s OR hold.organisation_id = %(organisation_id)s)
   AND (%(state)s = 'any' OR hold.state = %(state)s)
   AND (%(pattern)s = '%%' OR product.product_code LIKE %(pattern)s OR hold.batch LIKE %(pattern)s
        OR product.name ~ %(forgiving)s)
