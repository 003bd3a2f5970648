-- own_refusals --
-- Refusals of somebody's locations that raised no alert and that the guidance has a section for, the newest first.
SELECT event.product_id, event.event_number, event.alert_id, event.recorded_at, event.location_id, location.name AS location_name,
       event.operation_code, event.scheme, event.product_code, event.serial_number, event.batch, event.expiry,
       event.transaction_id::text AS transaction_id
  FROM pack_event AS event
  JOIN location ON location.location_id = event.location_id
 WHERE event.location_id = ANY (%(location_ids)s::integer[]) AND event.level IS NOT NULL AND event.alert_id IS NULL
   AND event.operation_code = ANY (%(codes)s::text[])
   AND event.recorded_at >= %(since)s AND (%(event_number)s::bigint IS NULL OR event.event_number = %(event_number)s)
   AND NOT EXISTS (SELECT FROM alert_file AS file
                    WHERE (file.product_id, file.event_number) = (event.product_id, event.event_number)
                      AND %(event_number)s::bigint IS NULL)
 ORDER BY event.event_number DESC
 LIMIT %(at_most)s

-- attempts_with_pack --
-- What somebody's locations asked about one pack and had refused, with an alert or without, the newest first.
SELECT event.product_id, event.event_number, event.alert_id, event.recorded_at, event.location_id, location.name AS location_name,
       event.operation_code, event.scheme, event.product_code, event.serial_number, event.batch, event.expiry,
       event.transaction_id::text AS transaction_id
  FROM pack_event AS event
  JOIN location ON location.location_id = event.location_id
 WHERE event.product_id = coalesce((SELECT product_id FROM product AS asked
                                     WHERE (asked.product_code, asked.scheme) = (%(product_code)s, %(scheme)s)), 0)
   AND event.serial_key = %(serial_key)s::uuid AND event.location_id = ANY (%(location_ids)s::integer[])
   AND event.operation_code = ANY (%(codes)s::text[])
 ORDER BY event.event_number DESC
 LIMIT %(at_most)s

-- alerts_with_product --
-- Alerts that somebody's locations raised with a product lately: what was sent may differ from what is on the pack.
SELECT file.product_id, file.event_number, file.alert_id, file.recorded_at, file.location_id, location.name AS location_name,
       file.operation_code, file.scheme, file.product_code, file.serial_number, file.batch, file.expiry,
       NULL AS transaction_id
  FROM alert_file AS file
  JOIN location ON location.location_id = file.location_id
 WHERE file.location_id = ANY (%(location_ids)s::integer[]) AND file.status <> 'closed'
   AND (file.product_code, file.scheme) = (%(product_code)s, %(scheme)s) AND file.recorded_at >= %(since)s
 ORDER BY file.recorded_at DESC, file.event_number DESC
 LIMIT %(at_most)s

-- place_and_scheme --
-- What an attempt has beside the columns of an alert file that everybody reads.
SELECT file.scheme, location.name
  FROM alert_file AS file
  LEFT JOIN location ON location.location_id = file.location_id
 WHERE (file.product_id, file.event_number) = (%(product_id)s, %(event_number)s)
