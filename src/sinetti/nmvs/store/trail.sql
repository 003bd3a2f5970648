-- find_alerted --
-- The pack that an alert is about, as it was sent. The time of the alert names the month's partition.
SELECT e.scheme, e.product_code, e.serial_number, a.recorded_at
  FROM alert a
  JOIN pack_event e ON e.product_id = a.product_id AND e.event_number = a.event_number AND e.recorded_at = a.recorded_at
 WHERE a.alert_id = %(alert_id)s

-- find_pack --
-- What is known of a pack now; no row where its product is not known, NULLs where the pack is not.
SELECT product.product_id, product.name AS product_name, batch.batch, batch.expiry, batch.uploaded_at,
       batch.recalled_at, product.withdrawn_at, pack.state
  FROM product
  LEFT JOIN pack ON pack.product_id = product.product_id AND pack.serial_key = %(serial_key)s::uuid
  LEFT JOIN batch ON batch.product_id = product.product_id AND batch.batch_id = pack.batch_id
 WHERE product.product_code = %(product_code)s

-- read_trail --
-- Everything that happened to one pack, oldest first. What was sent before its product was uploaded stands under 0.
SELECT event_number, recorded_at, transaction_id, operation, requested_state, operation_code, level, state_before,
       state_after, serial_number, batch, expiry, entry_mode, user_agent, api_version, alert_id, reason,
       client_equipment.name AS equipment_name, location.name AS location_name,
       organisation.name AS organisation_name
  FROM pack_event
  LEFT JOIN client_equipment ON client_equipment.equipment_id = pack_event.equipment_id
  LEFT JOIN location ON location.location_id = pack_event.location_id
  LEFT JOIN organisation ON organisation.organisation_id = pack_event.organisation_id
 WHERE pack_event.serial_key = %(serial_key)s::uuid
   AND pack_event.product_id = ANY (ARRAY[0, %(product_id)s])
   AND pack_event.product_code = %(product_code)s
 ORDER BY event_number
 LIMIT %(limit)s

-- find_product_for_reading --
-- A product as it is, without holding anything.
SELECT product_id, organisation_id, name, mah_name, uploaded_at, withdrawn_at, withdrawal_reason
  FROM product
 WHERE product_code = %(product_code)s
