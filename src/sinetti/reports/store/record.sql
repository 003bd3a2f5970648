-- record_sizes --
-- Months of the record and their sizes; what is in no month comes with NULL.
SELECT to_date(nullif(substring(relname FROM '[0-9]{4}_[0-9]{2}$'), ''), 'YYYY_MM'), pg_relation_size(pg_class.oid)
  FROM pg_inherits
  JOIN pg_class ON pg_class.oid = inhrelid
 WHERE inhparent = 'pack_event'::regclass

-- deviations --
-- Operations of a span of time whose operation code has a level, in the order of the record: no join, which could give
-- them in another. Through a cursor.
SELECT event_number, recorded_at, product_id, serial_key, transaction_id, bulk_id, equipment_id, location_id,
       organisation_id, operation, requested_state, operation_code, hub_code, level, state_before, scheme, product_code,
       serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address, alert_id
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND level IS NOT NULL

-- alerts --
-- Operations of a span of time that raised an alert, in order of time, up to a number. Through a cursor.
SELECT event_number, recorded_at, product_id, serial_key, transaction_id, bulk_id, equipment_id, location_id,
       organisation_id, operation, requested_state, operation_code, hub_code, level, state_before, scheme, product_code,
       serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address, alert_id
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND alert_id IS NOT NULL
 ORDER BY recorded_at, event_number
 LIMIT %(limit)s

-- count_alerts --
-- How many alerts there were in a span of time, up to a number.
SELECT count(*)
  FROM (SELECT
          FROM pack_event
         WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND alert_id IS NOT NULL
         LIMIT %(most)s) AS counted

-- known_of_events --
-- Who asked, and what the record says of the packs of some events up to each of them: how often supply and
-- decommissioning had been asked for, this time included, and the last change of the pack before it. Packs that are
-- asked for again and again are read once for all of their events.
WITH asked AS MATERIALIZED (
    SELECT *
      FROM unnest(%(event_numbers)s::bigint[], %(product_ids)s::integer[], %(serial_keys)s::uuid[],
                  %(product_codes)s::text[], %(equipment_ids)s::integer[], %(location_ids)s::integer[])
           AS asked (event_number, product_id, serial_key, product_code, equipment_id, location_id)
),
one AS MATERIALIZED (
    SELECT DISTINCT product_id, serial_key, product_code FROM asked WHERE serial_key IS NOT NULL
),
trail AS MATERIALIZED (
    SELECT event.event_number,
           count(*) FILTER (WHERE event.operation = 'supply') OVER so_far AS supplies,
           count(*) FILTER (WHERE event.operation = 'decommission') OVER so_far AS decommissionings,
           max(CASE WHEN event.state_after IS DISTINCT FROM event.state_before AND event.state_after IS NOT NULL
                    THEN event.event_number END) OVER so_far AS changed_by
      FROM one
      JOIN pack_event AS event ON event.product_id = one.product_id AND event.serial_key = one.serial_key
                              AND event.product_code = one.product_code
    WINDOW so_far AS (PARTITION BY event.product_id, event.serial_key, event.product_code
                          ORDER BY event.event_number)
)
SELECT asked.event_number, client_equipment.client_id, location.name, product.name, product.nhrn,
       trail.supplies, trail.decommissionings, change.recorded_at, change.location_id, change.state_after,
       pack.product_id IS NOT NULL, batch.batch, batch.expiry
  FROM asked
  LEFT JOIN client_equipment ON client_equipment.equipment_id = asked.equipment_id
  LEFT JOIN location ON location.location_id = asked.location_id
  LEFT JOIN product ON product.product_id = asked.product_id
  LEFT JOIN trail ON trail.event_number = asked.event_number
  LEFT JOIN pack_event AS change ON change.product_id = asked.product_id AND change.serial_key = asked.serial_key
                                AND change.event_number = trail.changed_by
  LEFT JOIN pack ON pack.product_id = asked.product_id AND pack.serial_key = asked.serial_key
  LEFT JOIN batch ON batch.product_id = pack.product_id AND batch.batch_id = pack.batch_id

-- transactions --
-- Numbers of operations of a span of time.
SELECT (recorded_at AT TIME ZONE 'UTC')::date, operation, operation_code, bulk_id IS NOT NULL, count(*)
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s
 GROUP BY 1, 2, 3, 4

-- user_activity --
-- What people did in a span of time. Through a cursor.
SELECT entry.recorded_at, entry.user_id, entry.user_name, entry.user_role, entry.user_organisation_id,
       organisation.name, entry.action, entry.object_kind, entry.object_id, entry.object_name, entry.source_address,
       entry.transaction_id::text
  FROM audit_entry AS entry
  LEFT JOIN organisation ON organisation.organisation_id = entry.user_organisation_id
 WHERE entry.recorded_at >= %(starts_at)s AND entry.recorded_at < %(ends_at)s AND entry.actor <> 'system'
 ORDER BY entry.audit_number
