-- allow_minutes --
-- A batch of millions takes minutes. It locks its own product and batch, and no pack that anyone asks about.
SET LOCAL statement_timeout = '30min'

-- copy_packs --
-- The packs of an upload, sorted by key. Whatever is stored already makes it fail.
COPY pack (serial_key, product_id, batch_id) FROM STDIN (FORMAT BINARY)

-- stored_packs --
-- Which of these keys the product has already, in order.
SELECT uuid_send(serial_key) FROM pack
 WHERE product_id = %(product_id)s AND serial_key = ANY (%(serial_keys)s::uuid[])
 ORDER BY serial_key

-- lock_pack_states --
-- States of packs, locked in the order of their key as every operation on packs locks them.
SELECT uuid_send(serial_key), state FROM pack
 WHERE product_id = %(product_id)s AND serial_key = ANY (%(serial_keys)s::uuid[])
 ORDER BY product_id, serial_key
   FOR NO KEY UPDATE

-- set_pack_states --
-- The new state of packs that are locked. Where it happened is not known, so reactivation finds no place of its own.
UPDATE pack SET state = %(state)s, decommissioned_at = %(now)s, location_id = NULL, repeat_count = 0
 WHERE product_id = %(product_id)s AND serial_key = ANY (%(serial_keys)s::uuid[])

-- record_pack_states --
-- The record of state changes that came from outside: they have no operation code, because nobody is answered.
INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, equipment_id, organisation_id, operation,
                        requested_state, state_before, state_after, scheme, product_code, serial_number,
                        source_address, user_agent, rules_version, reason)
SELECT %(product_id)s, %(now)s, serial_key, %(transaction_id)s, %(equipment_id)s, %(organisation_id)s, %(operation)s,
       %(new_state)s, %(old_state)s, %(new_state)s, %(scheme)s, %(product_code)s, serial_number,
       %(source_address)s, %(user_agent)s, %(rules_version)s, %(reason)s
  FROM unnest(%(serial_keys)s::uuid[], %(serial_numbers)s::text[]) AS changed (serial_key, serial_number)
