-- lock_keys --
-- Makes requests with one idempotency key wait for each other, in a fixed order. The lock ends with the transaction.
SELECT pg_advisory_xact_lock(key_lock) FROM unnest(%(locks)s::bigint[]) AS key_lock ORDER BY key_lock

-- stored_answers --
-- What was answered before to these keys. Runs after lock_keys as a statement of its own, so that it sees what the
-- one before us in the queue has committed.
SELECT position, answered.request_sha256, answered.http_status, answered.answer, answered.transaction_id::text
  FROM unnest(%(equipment_ids)s::integer[], %(keys)s::text[]) WITH ORDINALITY AS asked (equipment_id, key, position)
  JOIN idempotent_answer AS answered
    ON answered.equipment_id = asked.equipment_id AND answered.idempotency_key = asked.key

-- store_answers --
-- Keeps the answers in the transaction of the operations themselves, so that a crash loses both or none.
INSERT INTO idempotent_answer (equipment_id, idempotency_key, request_sha256, http_status, answer, transaction_id,
                               recorded_at)
SELECT equipment_id, key, decode(request_sha256, 'hex'), http_status, convert_to(answer, 'UTF8'), transaction_id,
       %(recorded_at)s
  FROM unnest(%(equipment_ids)s::integer[], %(keys)s::text[], %(digests)s::text[], %(statuses)s::smallint[],
              %(answers)s::text[], %(transaction_ids)s::uuid[])
       AS answered (equipment_id, key, request_sha256, http_status, answer, transaction_id)

-- remove_old_answers --
-- Keys are kept for as long as a client may sensibly try again.
DELETE FROM idempotent_answer WHERE recorded_at < %(before)s
