-- stored_packs --
-- How many packs there are, as PostgreSQL believes.
SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'pack'::regclass

-- product_ids --
-- All products.
SELECT product_id FROM product ORDER BY product_id

-- active_packs --
-- Packs of each batch of a product that nothing was done to.
SELECT batch_id, count(*) FILTER (WHERE state IS NULL) FROM pack WHERE product_id = %(product_id)s GROUP BY batch_id

-- products --
-- All products with the numbers of their batches and packs.
SELECT product.product_id, product.scheme, product.product_code, product.withdrawn_at, product.name,
       product.common_name, product.pack_type, product.pack_size, product.form, product.strength, product.nhrn,
       product.uploaded_at, product.mah_name, product.organisation_id, organisation.name, product.withdrawal_reason,
       count(batch.batch_id), coalesce(sum(batch.pack_count), 0)
  FROM product
  JOIN organisation ON organisation.organisation_id = product.organisation_id
  LEFT JOIN batch ON batch.product_id = product.product_id
 GROUP BY product.product_id, organisation.name
 ORDER BY product.product_code, product.scheme

-- batches --
-- All batches.
SELECT batch.product_id, batch.batch_id, product.scheme, product.product_code, batch.batch, batch.expiry,
       product.withdrawn_at IS NOT NULL, batch.uploaded_at, batch.recalled_at, batch.recall_reason,
       batch.serial_length_min, batch.serial_length_max, batch.serial_format, batch.pack_count
  FROM batch
  JOIN product ON product.product_id = batch.product_id
 ORDER BY batch.product_id, batch.batch_id

-- organisations --
-- All organisations, with contact and number of locations that may work.
SELECT organisation.organisation_id, kind, name, locked_at IS NOT NULL, created_at, contact_name, contact_email,
       (SELECT count(*)
          FROM location
          LEFT JOIN location_details ON location_details.location_id = location.location_id
         WHERE location.organisation_id = organisation.organisation_id AND location.locked_at IS NULL
           AND coalesce(location_details.state, 'approved') = 'approved')
  FROM organisation
  LEFT JOIN organisation_details ON organisation_details.organisation_id = organisation.organisation_id
 ORDER BY organisation.organisation_id

-- locations --
-- All locations, with the last check of their legitimacy and the number of their client equipment.
SELECT organisation.organisation_id, organisation.kind, organisation.name, location.location_id, location.name,
       (SELECT max(checked_on) FROM legitimacy_check WHERE legitimacy_check.location_id = location.location_id)::text,
       details.street, details.city, details.postal_code,
       (SELECT count(*) FROM client_equipment
         WHERE client_equipment.location_id = location.location_id AND deleted_at IS NULL),
       CASE WHEN coalesce(location.locked_at, organisation.locked_at) IS NOT NULL THEN 'locked'
            ELSE coalesce(details.state, 'approved') END,
       location.created_at
  FROM location
  JOIN organisation ON organisation.organisation_id = location.organisation_id
  LEFT JOIN location_details AS details ON details.location_id = location.location_id
 ORDER BY location.location_id

-- software --
-- Client equipment that was ever used, with its software.
SELECT organisation.organisation_id, organisation.kind, organisation.name, contact_name, contact_email,
       location.location_id, client_id, api_version, user_agent, last_used_at
  FROM client_equipment
  JOIN client_equipment_details USING (equipment_id)
  JOIN location ON location.location_id = client_equipment.location_id
  JOIN organisation ON organisation.organisation_id = location.organisation_id
  LEFT JOIN organisation_details ON organisation_details.organisation_id = organisation.organisation_id
 WHERE deleted_at IS NULL AND last_used_at IS NOT NULL
 ORDER BY client_equipment.equipment_id
