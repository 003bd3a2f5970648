-- known_of_files --
-- What is known beside the alerts themselves: names, and what is stored of the pack that is likely meant. The alerts asked
-- for come first: with so many tables PostgreSQL keeps the order, and would join all alerts before it looks which are meant.
SELECT file.product_id, file.event_number, file.level, file.user_agent, file.earlier_at, file.confidence, product.name,
       location.location_id, location.name, organisation.organisation_id, organisation.name,
       equipment.equipment_id, equipment.name,
       earlier.location_id, earlier.name, earlier.organisation_id,
       stored.batch, stored.expiry,
       (SELECT analysis.analysis #> '{hypotheses,0,corrected}' FROM alert_analysis AS analysis
         WHERE (analysis.product_id, analysis.event_number) = (file.product_id, file.event_number)
         ORDER BY analysis.analysis_number DESC LIMIT 1)
  FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]) AS asked (product_id, event_number)
  JOIN alert_file AS file USING (product_id, event_number)
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN location ON location.location_id = file.location_id
  LEFT JOIN organisation ON organisation.organisation_id = file.organisation_id
  LEFT JOIN client_equipment AS equipment ON equipment.equipment_id = file.equipment_id
  LEFT JOIN location AS earlier ON earlier.location_id = file.earlier_location_id
  LEFT JOIN pack ON pack.product_id = file.product_id AND pack.serial_key = file.serial_key
  LEFT JOIN batch AS stored ON stored.product_id = pack.product_id AND stored.batch_id = pack.batch_id

-- deadlines_of_file --
-- When something is or was due.
SELECT deadline, side, due_at, met_at FROM alert_deadline
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) ORDER BY due_at

-- history_of_file --
-- Everything that was done about one alert, the oldest first.
SELECT recorded_at, change, side, value_before, value_after, closing_reason, comment, party, user_name, organisation_id,
       rule_id, rules_version
  FROM alert_history
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
 ORDER BY entry_number

-- uploads_of_batch --
-- What was uploaded into the batch that was sent or, where it was another, into the one that is stored.
SELECT upload.recorded_at, upload.pack_count, upload.transaction_id
  FROM batch JOIN upload ON upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
 WHERE batch.product_id = %(product_id)s AND batch.batch = ANY (%(batches)s::text[])
 ORDER BY upload.upload_id
 LIMIT 100

-- set_aside_of_pack --
-- The pack in the registers of locations.
SELECT location_id, organisation_id, set_aside_at, place, ended_at, ended_as, product_id, set_aside_id
  FROM set_aside_pack
 WHERE product_id = %(product_id)s AND event_number = %(event_number)s
 ORDER BY set_aside_id

-- trail_of_pack --
-- Every event of the pack that an alert is about, the oldest first.
SELECT event.recorded_at, event.operation, event.operation_code, event.state_before, event.state_after,
       event.location_id, location.name, event.organisation_id, organisation.name, event.equipment_id, equipment.name,
       event.alert_id
  FROM pack_event AS event
  LEFT JOIN location ON location.location_id = event.location_id
  LEFT JOIN organisation ON organisation.organisation_id = event.organisation_id
  LEFT JOIN client_equipment AS equipment ON equipment.equipment_id = event.equipment_id
 WHERE event.product_id = %(product_id)s
   AND event.serial_key = (SELECT serial_key FROM alert_file
                            WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s))
 ORDER BY event.event_number
 LIMIT %(events_max)s

-- locations_of_organisation --
-- Locations that count as a main user's own.
SELECT location_id FROM location WHERE organisation_id = %(organisation_id)s
