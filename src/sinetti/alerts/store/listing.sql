-- list_keys --
-- Which alerts a search finds. The store puts reach, filters and order to the end of it.
SELECT file.product_id, file.event_number, file.recorded_at, file.product_code
  FROM alert_file AS file
 WHERE true

-- further_columns --
-- What lists and exports show beside the alerts themselves: names, and what is stored of the pack that is likely meant.
SELECT file.product_id, file.event_number, file.level, file.user_agent, file.earlier_at, file.confidence, product.name,
       location.location_id, location.name, organisation.organisation_id, organisation.name,
       equipment.equipment_id, equipment.name,
       earlier.location_id, earlier.name, earlier.organisation_id,
       stored.batch, stored.expiry,
       (SELECT analysis.analysis #> '{hypotheses,0,corrected}' FROM alert_analysis AS analysis
         WHERE (analysis.product_id, analysis.event_number) = (file.product_id, file.event_number)
         ORDER BY analysis.analysis_number DESC LIMIT 1)
  FROM alert_file AS file
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN location ON location.location_id = file.location_id
  LEFT JOIN organisation ON organisation.organisation_id = file.organisation_id
  LEFT JOIN client_equipment AS equipment ON equipment.equipment_id = file.equipment_id
  LEFT JOIN location AS earlier ON earlier.location_id = file.earlier_location_id
  LEFT JOIN pack ON pack.product_id = file.product_id AND pack.serial_key = file.serial_key
  LEFT JOIN batch AS stored ON stored.product_id = pack.product_id AND stored.batch_id = pack.batch_id
 WHERE (file.product_id, file.event_number) IN (
           SELECT * FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]))
