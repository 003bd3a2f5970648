-- list_set_aside --
-- Packs within reach. The state is that of the register: apart now, or gone.
SELECT aside.product_id, aside.set_aside_id, aside.location_id, location.name AS location_name, aside.product_code,
       product.name AS product_name, aside.serial_number, aside.batch, aside.expiry, aside.place, aside.set_aside_at,
       aside.ended_at, aside.ended_as, file.status AS alert_status, file.closing_reason, file.classification
  FROM set_aside_pack AS aside
  JOIN location ON location.location_id = aside.location_id
  LEFT JOIN product ON product.product_id = aside.product_id
  LEFT JOIN alert_file AS file
    ON (file.product_id, file.event_number) = (aside.product_id, aside.event_number)
 WHERE (%(everything)s OR aside.organisation_id = %(organisation_id)s OR aside.location_id = ANY (%(location_ids)s::integer[]))
   AND (%(state)s = 'any' OR (%(state)s = 'gone') = (aside.ended_at IS NOT NULL))
   AND (%(pattern)s = '%%' OR aside.product_code LIKE %(pattern)s OR aside.serial_number LIKE %(pattern)s
        OR aside.batch LIKE %(pattern)s OR product.name ~ %(forgiving)s OR location.name ~ %(forgiving)s
        OR aside.place ~ %(forgiving)s OR aside.set_aside_id::text = btrim(%(pattern)s, '%%'))

-- find_set_aside --
-- One pack of the register.
SELECT aside.product_id, aside.set_aside_id, aside.location_id, location.name AS location_name, aside.product_code,
       product.name AS product_name, aside.serial_number, aside.batch, aside.expiry, aside.place, aside.set_aside_at,
       aside.set_aside_by_name, aside.ended_at, aside.ended_as, aside.end_comment, aside.return_agreed, aside.ended_by_name,
       aside.event_number, aside.organisation_id
  FROM set_aside_pack AS aside
  JOIN location ON location.location_id = aside.location_id
  LEFT JOIN product ON product.product_id = aside.product_id
 WHERE (aside.product_id, aside.set_aside_id) = (%(product_id)s, %(set_aside_id)s)

-- other_times --
-- When the same pack was in the register of the same location, too.
SELECT aside.product_id, aside.set_aside_id, aside.location_id, location.name AS location_name, aside.product_code,
       product.name AS product_name, aside.serial_number, aside.batch, aside.expiry, aside.place, aside.set_aside_at,
       aside.set_aside_by_name, aside.ended_at, aside.ended_as, aside.end_comment, aside.return_agreed, aside.ended_by_name,
       aside.event_number, aside.organisation_id
  FROM set_aside_pack AS aside
  JOIN location ON location.location_id = aside.location_id
  LEFT JOIN product ON product.product_id = aside.product_id
 WHERE aside.location_id = %(location_id)s AND aside.product_id = %(product_id)s
   AND aside.serial_number = %(serial_number)s AND aside.set_aside_id <> %(set_aside_id)s
 ORDER BY aside.set_aside_at DESC
 LIMIT 20
