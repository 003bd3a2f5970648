-- read_packs --
-- What is known of the packs asked for, in the order asked. Locks nothing: a verification changes nothing.
WITH asked AS MATERIALIZED (
    SELECT *
      FROM unnest(%(schemes)s::text[], %(product_codes)s::text[], %(serial_keys)s::uuid[], %(batches)s::text[])
           WITH ORDINALITY AS asked (scheme, product_code, serial_key, batch, position)
)
SELECT product.product_id, product.name, product.nhrn, product.withdrawn_at IS NOT NULL, product.withdrawal_reason,
       asked_batch.batch_id, asked_batch.batch, asked_batch.expiry, asked_batch.recalled_at IS NOT NULL,
       asked_batch.recall_reason, asked_batch.serial_length_min, asked_batch.serial_length_max,
       asked_batch.serial_format,
       pack.batch_id, pack.state, pack.location_id, pack.decommissioned_at, pack.repeat_count,
       stored.batch, stored.expiry, stored.recalled_at IS NOT NULL, stored.recall_reason,
       stored.serial_length_min, stored.serial_length_max, stored.serial_format,
       EXISTS (SELECT FROM non_fmd_batch AS listed
                WHERE (listed.product_code, listed.scheme, listed.batch)
                    = (asked.product_code, asked.scheme, asked.batch))
  FROM asked
  LEFT JOIN product ON product.product_code = asked.product_code AND product.scheme = asked.scheme
  LEFT JOIN pack ON pack.product_id = product.product_id AND pack.serial_key = asked.serial_key
  LEFT JOIN batch AS stored ON stored.product_id = pack.product_id AND stored.batch_id = pack.batch_id
  LEFT JOIN batch AS asked_batch
         ON asked_batch.product_id = product.product_id AND asked_batch.batch = asked.batch
 ORDER BY asked.position

-- lock_packs --
-- The same, for operations that change packs. Rows are locked in the order of their key, whatever order they were
-- asked in, so that two requests with the same packs wait for each other instead of deadlocking. The order of an
-- array does not order row locks: hence the sorted query of its own.
WITH asked AS MATERIALIZED (
    SELECT *
      FROM unnest(%(schemes)s::text[], %(product_codes)s::text[], %(serial_keys)s::uuid[], %(batches)s::text[])
           WITH ORDINALITY AS asked (scheme, product_code, serial_key, batch, position)
),
pack AS MATERIALIZED (
    SELECT asked.position, pack.*
      FROM asked
      JOIN product ON product.product_code = asked.product_code AND product.scheme = asked.scheme
      JOIN pack ON pack.product_id = product.product_id AND pack.serial_key = asked.serial_key
     ORDER BY pack.product_id, pack.serial_key
       FOR UPDATE OF pack
)
SELECT product.product_id, product.name, product.nhrn, product.withdrawn_at IS NOT NULL, product.withdrawal_reason,
       asked_batch.batch_id, asked_batch.batch, asked_batch.expiry, asked_batch.recalled_at IS NOT NULL,
       asked_batch.recall_reason, asked_batch.serial_length_min, asked_batch.serial_length_max,
       asked_batch.serial_format,
       pack.batch_id, pack.state, pack.location_id, pack.decommissioned_at, pack.repeat_count,
       stored.batch, stored.expiry, stored.recalled_at IS NOT NULL, stored.recall_reason,
       stored.serial_length_min, stored.serial_length_max, stored.serial_format,
       EXISTS (SELECT FROM non_fmd_batch AS listed
                WHERE (listed.product_code, listed.scheme, listed.batch)
                    = (asked.product_code, asked.scheme, asked.batch))
  FROM asked
  LEFT JOIN product ON product.product_code = asked.product_code AND product.scheme = asked.scheme
  LEFT JOIN pack ON pack.position = asked.position
  LEFT JOIN batch AS stored ON stored.product_id = pack.product_id AND stored.batch_id = pack.batch_id
  LEFT JOIN batch AS asked_batch
         ON asked_batch.product_id = product.product_id AND asked_batch.batch = asked.batch
 ORDER BY asked.position

-- record_events --
-- The record of what was asked and what came of it, together with the new states and repeat counters of packs that
-- this transaction has locked: one statement, because each costs a round of 32 supplies as much as two of them.
WITH changed AS (
    UPDATE pack
       SET state = change.state, decommissioned_at = change.decommissioned_at,
           location_id = change.location_id, repeat_count = change.repeat_count
      FROM unnest(%(changed_product_ids)s::integer[], %(changed_serial_keys)s::uuid[], %(new_states)s::"char"[],
                  %(decommissioned_at)s::timestamptz[], %(new_location_ids)s::integer[],
                  %(repeat_counts)s::smallint[])
           AS change (product_id, serial_key, state, decommissioned_at, location_id, repeat_count)
     WHERE pack.product_id = change.product_id AND pack.serial_key = change.serial_key
)
INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, bulk_id, equipment_id, location_id,
                        organisation_id, operation, requested_state, operation_code, hub_code, level, state_before,
                        state_after, scheme, product_code, serial_number, batch, expiry, entry_mode, api_version,
                        user_agent, source_address, rules_version)
SELECT product_id, %(recorded_at)s, serial_key, transaction_id, bulk_id, equipment_id, location_id, organisation_id,
       operation, requested_state, operation_code, hub_code, level, state_before, state_after, scheme, product_code,
       serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address, %(rules_version)s
  FROM unnest(%(product_ids)s::integer[], %(serial_keys)s::uuid[], %(transaction_ids)s::uuid[], %(bulk_ids)s::uuid[],
              %(equipment_ids)s::integer[], %(location_ids)s::integer[], %(organisation_ids)s::integer[],
              %(operations)s::text[], %(requested_states)s::text[], %(operation_codes)s::text[], %(hub_codes)s::text[],
              %(levels)s::smallint[], %(states_before)s::text[], %(states_after)s::text[], %(schemes)s::text[],
              %(product_codes)s::text[], %(serial_numbers)s::text[], %(batches)s::text[], %(expiries)s::text[],
              %(entry_modes)s::text[], %(api_versions)s::text[], %(user_agents)s::text[],
              %(source_addresses)s::text[])
       AS event (product_id, serial_key, transaction_id, bulk_id, equipment_id, location_id, organisation_id,
                 operation, requested_state, operation_code, hub_code, level, state_before, state_after, scheme,
                 product_code, serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address)

-- record_deviations --
-- The same for events of level L3 and above, with what others must hear of them: the operator and the OBP read the
-- outbox, and an alert's id is kept for ever. One statement, so that all of it is there or nothing.
WITH changed AS (
    UPDATE pack
       SET state = change.state, decommissioned_at = change.decommissioned_at,
           location_id = change.location_id, repeat_count = change.repeat_count
      FROM unnest(%(changed_product_ids)s::integer[], %(changed_serial_keys)s::uuid[], %(new_states)s::"char"[],
                  %(decommissioned_at)s::timestamptz[], %(new_location_ids)s::integer[],
                  %(repeat_counts)s::smallint[])
           AS change (product_id, serial_key, state, decommissioned_at, location_id, repeat_count)
     WHERE pack.product_id = change.product_id AND pack.serial_key = change.serial_key
),
event AS (
    INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, bulk_id, equipment_id, location_id,
                            organisation_id, operation, requested_state, operation_code, hub_code, level,
                            state_before, state_after, scheme, product_code, serial_number, batch, expiry,
                            entry_mode, api_version, user_agent, source_address, alert_id, rules_version)
    SELECT product_id, %(recorded_at)s, serial_key, transaction_id, bulk_id, equipment_id, location_id,
           organisation_id, operation, requested_state, operation_code, hub_code, level, state_before, state_after,
           scheme, product_code, serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address,
           alert_id, %(rules_version)s
      FROM unnest(%(product_ids)s::integer[], %(serial_keys)s::uuid[], %(transaction_ids)s::uuid[],
                  %(bulk_ids)s::uuid[], %(equipment_ids)s::integer[], %(location_ids)s::integer[],
                  %(organisation_ids)s::integer[], %(operations)s::text[], %(requested_states)s::text[],
                  %(operation_codes)s::text[], %(hub_codes)s::text[], %(levels)s::smallint[],
                  %(states_before)s::text[], %(states_after)s::text[], %(schemes)s::text[],
                  %(product_codes)s::text[], %(serial_numbers)s::text[], %(batches)s::text[], %(expiries)s::text[],
                  %(entry_modes)s::text[], %(api_versions)s::text[], %(user_agents)s::text[],
                  %(source_addresses)s::text[], %(alert_ids)s::text[])
           AS event (product_id, serial_key, transaction_id, bulk_id, equipment_id, location_id, organisation_id,
                     operation, requested_state, operation_code, hub_code, level, state_before, state_after, scheme,
                     product_code, serial_number, batch, expiry, entry_mode, api_version, user_agent,
                     source_address, alert_id)
    RETURNING product_id, event_number, recorded_at, level, alert_id, serial_key
),
told AS (
    INSERT INTO deviation_outbox (product_id, event_number, recorded_at, level, alert_id, serial_key, is_keyed)
    SELECT product_id, event_number, recorded_at, level, alert_id, serial_key, true FROM event
)
INSERT INTO alert (alert_id, product_id, event_number, recorded_at)
SELECT alert_id, product_id, event_number, recorded_at FROM event WHERE alert_id IS NOT NULL

-- history --
-- Everything that happened to one pack, oldest first. Event numbers are drawn under the pack's lock, so they keep the
-- order in which things happened even where two processes' clocks are a little apart.
SELECT event_number, recorded_at, transaction_id, bulk_id, pack_event.equipment_id,
       client_equipment.name AS equipment_name,
       pack_event.location_id, location.name AS location_name, pack_event.organisation_id,
       organisation.name AS organisation_name, operation,
       requested_state, operation_code, hub_code, level, state_before, state_after, scheme, pack_event.product_code,
       serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address, alert_id, rules_version,
       reason
  FROM pack_event
  LEFT JOIN client_equipment ON client_equipment.equipment_id = pack_event.equipment_id
  LEFT JOIN location ON location.location_id = pack_event.location_id
  LEFT JOIN organisation ON organisation.organisation_id = pack_event.organisation_id
 WHERE pack_event.serial_key = %(serial_key)s::uuid
   AND pack_event.product_id = coalesce((SELECT product_id FROM product
                                          WHERE product.product_code = %(product_code)s), 0)
   AND pack_event.product_code = %(product_code)s
 ORDER BY event_number

-- ensure_event_months --
-- Partitions of the record for this month and the two after it.
SELECT ensure_pack_event_month(%(now)s::timestamptz + make_interval(months => ahead)) FROM generate_series(0, 2) AS ahead
