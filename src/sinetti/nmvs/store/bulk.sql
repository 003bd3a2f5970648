-- insert_bulk_request --
-- A request for many packs, accepted in the transaction that stores its chunks.
INSERT INTO bulk_request (bulk_id, kind, equipment_id, location_id, organisation_id, requested_state, entry_mode,
                          language, api_version, user_agent, source_address, transaction_id, pack_count, received_at,
                          eta, expires_at)
VALUES (%(bulk_id)s, %(kind)s, %(equipment_id)s, %(location_id)s, %(organisation_id)s, %(requested_state)s,
        %(entry_mode)s, %(language)s, %(api_version)s, %(user_agent)s, %(source_address)s, %(bulk_id)s,
        %(pack_count)s, %(received_at)s, %(eta)s, %(expires_at)s)

-- copy_chunks --
-- The packs of a request, as they were sent.
COPY bulk_chunk (bulk_id, chunk_number, packs) FROM STDIN (FORMAT BINARY)

-- allow_minutes --
-- Storing half a million packs may take a while on a slow disk. It locks nothing that anyone waits for.
SET LOCAL statement_timeout = '5min'

-- load --
-- How many packs wait, and how many a second the last requests went through.
SELECT (SELECT coalesce(sum(pack_count), 0)::bigint FROM bulk_request WHERE finished_at IS NULL),
       (SELECT (sum(pack_count) / nullif(extract(epoch FROM sum(finished_at - started_at)), 0))::float8
          FROM (SELECT pack_count, started_at, finished_at FROM bulk_request
                 WHERE finished_at IS NOT NULL AND pack_count >= %(telling_packs)s
                 ORDER BY received_at DESC
                 LIMIT 20) AS latest)

-- waiting --
-- Requests that are not finished, the oldest first. Some may be under work elsewhere.
SELECT bulk_id FROM bulk_request WHERE finished_at IS NULL ORDER BY received_at, bulk_id LIMIT 50

-- lock_request --
-- Whether this session may work on a request. PostgreSQL gives the lock back when the session ends, however it ends.
SELECT pg_try_advisory_lock(%(lock_class)s, hashtext(%(bulk_id)s::text))

-- unlock_request --
-- Gives the lock back.
SELECT pg_advisory_unlock(%(lock_class)s, hashtext(%(bulk_id)s::text))

-- start_request --
-- The request, if it is still to be done, and when its work began. Who asked may have been given another role since.
UPDATE bulk_request
   SET started_at = coalesce(started_at, %(now)s)
  FROM organisation, client_equipment
 WHERE bulk_id = %(bulk_id)s AND finished_at IS NULL
   AND organisation.organisation_id = bulk_request.organisation_id
   AND client_equipment.equipment_id = bulk_request.equipment_id
RETURNING bulk_id::text, bulk_request.kind, bulk_request.equipment_id, bulk_request.location_id,
          bulk_request.organisation_id, organisation.kind AS organisation_kind, client_equipment.client_role,
          requested_state, entry_mode, language, api_version, user_agent, source_address, received_at

-- next_chunk --
-- The first chunk after a given one that has no results yet, locked: even a runner that has lost its session's lock
-- without noticing cannot do it a second time.
SELECT chunk_number, packs FROM bulk_chunk
 WHERE bulk_id = %(bulk_id)s AND chunk_number > %(after)s AND results IS NULL
 ORDER BY chunk_number
 LIMIT 1
   FOR UPDATE

-- store_results --
-- What came of a chunk, in the transaction of its operations.
UPDATE bulk_chunk SET results = %(results)s WHERE bulk_id = %(bulk_id)s AND chunk_number = %(chunk_number)s

-- finish_request --
-- All chunks have results.
UPDATE bulk_request SET finished_at = %(now)s
 WHERE bulk_id = %(bulk_id)s
   AND NOT EXISTS (SELECT FROM bulk_chunk WHERE bulk_id = %(bulk_id)s AND results IS NULL)

-- find_request --
-- A request of one location, until its result expires.
SELECT eta, finished_at FROM bulk_request
 WHERE bulk_id = %(bulk_id)s AND kind = %(kind)s AND location_id = %(location_id)s AND expires_at > %(now)s

-- read_results --
-- Some of the results, in the order sent.
SELECT chunk_number, results FROM bulk_chunk
 WHERE bulk_id = %(bulk_id)s AND chunk_number > %(after)s
 ORDER BY chunk_number
 LIMIT %(chunks)s

-- remove_expired --
-- Results that nobody may see any more. What has not been done yet stays: it was accepted.
DELETE FROM bulk_request WHERE expires_at <= %(now)s AND finished_at IS NOT NULL
