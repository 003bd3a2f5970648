-- The limit beside the supply benchmark: one supply as PostgreSQL does it when nothing but PostgreSQL takes part.
--
-- It does what the service does for one supply: find the product by its code, the pack by its key, lock the pack, read
-- its batch, give it its state, and write the event with the same columns. As a function it is quicker here than as one
-- statement with data-modifying WITH parts (5 to 30 %), so this is the limit's best form.
--
-- To name a pack that has not been supplied yet it takes the first one at or after a random key, which costs what
-- looking up a key costs.
CREATE FUNCTION bench_supply(asked_code text, near uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_product record;
    found_pack record;
    found_batch record;
BEGIN
    SELECT product_id, name, nhrn, withdrawn_at INTO STRICT found_product
      FROM product WHERE product_code = asked_code AND scheme = 'gs1';
    SELECT serial_key, batch_id, state, decommissioned_at, location_id, repeat_count INTO STRICT found_pack
      FROM pack WHERE product_id = found_product.product_id AND serial_key >= near AND state IS NULL
     ORDER BY serial_key LIMIT 1 FOR UPDATE;
    SELECT batch, expiry, recalled_at, recall_reason, serial_length_min, serial_length_max, serial_format
      INTO STRICT found_batch
      FROM batch WHERE product_id = found_product.product_id AND batch_id = found_pack.batch_id;
    UPDATE pack SET state = 's', decommissioned_at = now(), location_id = 1, repeat_count = 0
     WHERE product_id = found_product.product_id AND serial_key = found_pack.serial_key;
    INSERT INTO pack_event (
        product_id, recorded_at, serial_key, transaction_id, equipment_id, location_id, organisation_id, operation,
        requested_state, operation_code, level, state_before, state_after, scheme, product_code, serial_number,
        batch, expiry, entry_mode, api_version, user_agent, source_address, rules_version
    ) VALUES (
        found_product.product_id, now(), found_pack.serial_key, gen_random_uuid(), 1, 1, 1, 'supply',
        'Supplied', '11210200', 1, 'Active', 'Supplied', 'gs1', asked_code, '0123456789ABCDEFGHIJ',
        found_batch.batch, found_batch.expiry, 'non-manual', '3.1', 'sinetti-bench/1', '127.0.0.1', '0123456789ab'
    );
    RETURN 'Supplied';
END $$;
