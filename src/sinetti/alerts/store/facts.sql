-- alerts --
-- What was sent with these alerts, and by whom. The kind of the organisation says whether a company's own system asked.
SELECT file.alert_id, file.product_id, file.event_number, file.recorded_at, file.operation, file.operation_code,
       file.scheme, file.product_code, file.serial_number, file.batch, file.expiry, file.entry_mode, file.user_agent,
       file.equipment_id, file.location_id, file.organisation_id, organisation.kind, file.state_before
  FROM alert
  JOIN alert_file AS file ON (file.product_id, file.event_number) = (alert.product_id, alert.event_number)
  LEFT JOIN organisation ON organisation.organisation_id = file.organisation_id
 WHERE alert.alert_id = ANY (%(alert_ids)s::text[])
 ORDER BY file.recorded_at, file.event_number

-- open_batch_names --
-- The batches that open alerts of a product name, each with one of these alerts as an example.
SELECT batch, min(alert_id) FROM alert_file
 WHERE product_id = %(product_id)s AND status <> 'closed' AND batch IS NOT NULL AND alert_id IS NOT NULL
 GROUP BY batch

-- open_alerts_of_batch --
-- The open alerts of a product that name one of these batches, the latest ones first.
SELECT alert_id FROM alert_file
 WHERE product_id = %(product_id)s AND batch = ANY (%(batches)s::text[]) AND status <> 'closed'
   AND alert_id IS NOT NULL
 ORDER BY recorded_at DESC
 LIMIT %(alerts_max)s

-- photographed --
-- The codes in the photographs of these alerts. A company photographs a pack of its own, which says nothing of this one.
SELECT photo.product_id, photo.event_number, array_agg(code ORDER BY taken_in_at, photo_id)
  FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]) AS asked (product_id, event_number)
  JOIN alert_photo AS photo USING (product_id, event_number)
 CROSS JOIN unnest(photo.codes) AS code
 WHERE photo.party NOT IN ('mah', 'obp') AND photo.taken_in_at <= %(now)s
 GROUP BY photo.product_id, photo.event_number

-- pack_counts --
-- The products that are known, and how many packs they have.
SELECT product_id, (SELECT coalesce(sum(pack_count), 0) FROM batch WHERE batch.product_id = product.product_id)
  FROM product WHERE product_id = ANY (%(product_ids)s::integer[])

-- batches --
-- What was uploaded for these products, the latest batches first.
SELECT product_id, batch_id, batch, expiry, pack_count, serial_length_min, serial_length_max, serial_format,
       corrected_at
  FROM batch WHERE product_id = ANY (%(product_ids)s::integer[])
 ORDER BY batch_id DESC
 LIMIT %(batches_max)s

-- uploads --
-- When serial numbers were uploaded into these batches.
SELECT product_id, batch_id, recorded_at FROM upload
 WHERE product_id = ANY (%(product_ids)s::integer[]) AND batch_id = ANY (%(batch_ids)s::integer[])
   AND recorded_at <= %(now)s
 ORDER BY upload_id

-- supplied_locations --
-- At how many locations packs of a batch were supplied, counted to a bound: there its print agrees with the upload.
SELECT count(DISTINCT location_id)
  FROM (SELECT location_id FROM pack
         WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s AND state = 's' AND location_id IS NOT NULL
         LIMIT %(packs_max)s) AS supplied

-- serial_numbers_of_batch --
-- The keys of all packs of a batch in one piece: a hundred thousand rows would take ten times as long.
SELECT string_agg(uuid_send(serial_key), ''::bytea) FROM pack
 WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s

-- packs --
-- Packs of a product by their keys.
SELECT uuid_send(pack.serial_key), pack.batch_id, pack.state, pack.location_id, location.organisation_id,
       organisation.kind, pack.decommissioned_at
  FROM pack
  LEFT JOIN location ON location.location_id = pack.location_id
  LEFT JOIN organisation ON organisation.organisation_id = location.organisation_id
 WHERE pack.product_id = %(product_id)s AND pack.serial_key = ANY (%(serial_keys)s::uuid[])

-- exempted --
-- Which of these batches are on the list of exempted ones.
SELECT product_code, batch FROM non_fmd_batch
 WHERE product_code = ANY (%(product_codes)s::text[]) AND batch = ANY (%(batches)s::text[])

-- happened --
-- What happened to packs of a product, oldest first: up to now, and not long before the alerts.
SELECT event.event_number, event.recorded_at, event.serial_number, event.operation, event.operation_code IS NOT NULL,
       event.alert_id IS NOT NULL, event.state_before, event.state_after, event.location_id, event.organisation_id,
       organisation.kind, event.equipment_id, event.bulk_id IS NOT NULL, bulk_request.kind
  FROM pack_event AS event
  LEFT JOIN organisation ON organisation.organisation_id = event.organisation_id
  LEFT JOIN bulk_request ON bulk_request.bulk_id = event.bulk_id
 WHERE event.product_id = %(product_id)s AND event.serial_key = ANY (%(serial_keys)s::uuid[])
   AND event.recorded_at BETWEEN %(since)s AND %(now)s
 ORDER BY event.event_number
 LIMIT %(events_max)s

-- alerts_of_batches --
-- All alerts of products that name these batches, open or not, the latest ones first; and whose organisation had
-- decommissioned the pack before.
SELECT file.product_id, file.batch, file.event_number, file.operation_code, file.serial_number, file.expiry,
       file.location_id, file.organisation_id, file.cause, earlier.organisation_id
  FROM alert_file AS file
  LEFT JOIN location AS earlier ON earlier.location_id = file.earlier_location_id
 WHERE file.product_id = ANY (%(product_ids)s::integer[]) AND file.batch = ANY (%(batches)s::text[])
   AND file.recorded_at <= %(now)s
 ORDER BY file.recorded_at DESC
 LIMIT %(alerts_max)s

-- alerts_of_locations --
-- The alerts of locations around the time of those that are looked at.
SELECT location_id, equipment_id, event_number, recorded_at, operation_code, serial_number, cause
  FROM alert_file
 WHERE location_id = ANY (%(location_ids)s::integer[]) AND recorded_at BETWEEN %(since)s AND %(until)s
 ORDER BY recorded_at
 LIMIT %(alerts_max)s
