-- insert_products --
-- Products that are not there yet. Waits for whoever is inserting the same one, in a fixed order.
INSERT INTO product (scheme, product_code, organisation_id, name, common_name, form, strength, pack_type, pack_size,
                     nhrn, mah_name, uploaded_at)
SELECT scheme, product_code, %(organisation_id)s, name, common_name, form, strength, pack_type, pack_size, nhrn,
       mah_name, %(now)s
  FROM jsonb_to_recordset(%(products)s::jsonb)
       AS sent (scheme text, product_code text, name text, common_name text, form text, strength text,
                pack_type text, pack_size text, nhrn text, mah_name text)
 ORDER BY product_code, scheme
    ON CONFLICT (product_code, scheme) DO NOTHING
RETURNING scheme, product_code

-- foreign_products --
-- Which of the products belong to somebody else. Locks all of them in a fixed order, until they are updated.
WITH locked AS (
    SELECT product.product_code, product.organisation_id
      FROM jsonb_to_recordset(%(products)s::jsonb) AS sent (scheme text, product_code text)
      JOIN product USING (scheme, product_code)
     ORDER BY product.product_code, product.scheme
       FOR NO KEY UPDATE OF product
)
SELECT product_code FROM locked WHERE organisation_id <> %(organisation_id)s ORDER BY product_code

-- update_products --
-- New master data for the products whose data differs from what was sent.
UPDATE product
   SET name = sent.name, common_name = sent.common_name, form = sent.form, strength = sent.strength,
       pack_type = sent.pack_type, pack_size = sent.pack_size, nhrn = sent.nhrn, mah_name = sent.mah_name
  FROM jsonb_to_recordset(%(products)s::jsonb)
       AS sent (scheme text, product_code text, name text, common_name text, form text, strength text,
                pack_type text, pack_size text, nhrn text, mah_name text)
 WHERE (product.product_code, product.scheme) = (sent.product_code, sent.scheme)
   AND (product.name, product.common_name, product.form, product.strength, product.pack_type, product.pack_size,
        product.nhrn, product.mah_name)
       IS DISTINCT FROM
       (sent.name, sent.common_name, sent.form, sent.strength, sent.pack_type, sent.pack_size, sent.nhrn,
        sent.mah_name)
RETURNING product.scheme, product.product_code

-- record_products --
-- What was uploaded for the products that were created or updated just now.
INSERT INTO batch_event (product_id, recorded_at, change, scheme, product_code, master_data, organisation_id,
                         equipment_id, person, transaction_id)
SELECT product.product_id, %(now)s, %(change)s, product.scheme, product.product_code,
       to_jsonb(product) - ARRAY['product_id', 'organisation_id', 'uploaded_at', 'withdrawn_at', 'withdrawal_reason'],
       %(organisation_id)s, %(equipment_id)s, %(person)s, %(transaction_id)s
  FROM unnest(%(schemes)s::text[], %(product_codes)s::text[]) AS changed (scheme, product_code)
  JOIN product USING (scheme, product_code)

-- find_product --
-- A product, held as it is until the transaction ends: packs are not added to one that is being withdrawn.
SELECT product_id, organisation_id, withdrawn_at, withdrawal_reason
  FROM product
 WHERE (product_code, scheme) = (%(product_code)s, %(scheme)s)
   FOR SHARE

-- lock_product --
-- A product that is to be changed: waits for the uploads that hold it, and for whoever changes it too.
SELECT product_id, organisation_id, withdrawn_at, withdrawal_reason
  FROM product
 WHERE (product_code, scheme) = (%(product_code)s, %(scheme)s)
   FOR NO KEY UPDATE

-- withdraw_product --
-- Marks a product as withdrawn, which nothing takes back.
UPDATE product SET withdrawn_at = %(now)s, withdrawal_reason = %(reason)s
 WHERE product_id = %(product_id)s AND withdrawn_at IS NULL
RETURNING withdrawn_at
