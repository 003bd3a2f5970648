-- add_endpoint --
-- An endpoint that has taken nothing yet.
INSERT INTO webhook_endpoint (endpoint_id, organisation_id, address, sealed_secret, created_at, created_by_name, replaces)
VALUES (%(endpoint_id)s, %(organisation_id)s, %(address)s, %(sealed_secret)s, %(now)s, %(created_by_name)s, %(replaces)s)

-- list_endpoints --
-- The endpoints of an organisation that are not ended, the newest first.
SELECT e.endpoint_id, e.organisation_id, e.address, e.created_at, e.created_by_name, e.proven_at, e.replaces,
       e.former_until, e.paused_at, e.pause_reason, e.paused_by_name, e.ended_at,
       (SELECT count(*) FROM webhook_delivery d
         WHERE d.endpoint_id = e.endpoint_id AND d.delivered_at IS NULL AND d.given_up_at IS NULL) AS waiting
  FROM webhook_endpoint e
 WHERE e.organisation_id = %(organisation_id)s AND e.ended_at IS NULL
 ORDER BY e.created_at DESC, e.endpoint_id

-- find_endpoint --
-- One endpoint, ended ones too. Locked: what is judged by its state is changed in the same transaction. Not against rows
-- that only refer to it: whoever tells of something must not wait for somebody who looks at a page.
SELECT e.endpoint_id, e.organisation_id, e.address, e.created_at, e.created_by_name, e.proven_at, e.replaces,
       e.former_until, e.paused_at, e.pause_reason, e.paused_by_name, e.ended_at,
       (SELECT count(*) FROM webhook_delivery d
         WHERE d.endpoint_id = e.endpoint_id AND d.delivered_at IS NULL AND d.given_up_at IS NULL) AS waiting
  FROM webhook_endpoint e
 WHERE e.endpoint_id = %(endpoint_id)s
   FOR NO KEY UPDATE OF e

-- find_secrets --
-- What signs, sealed: the present secret, and the former one as long as it counts.
SELECT sealed_secret, CASE WHEN former_until > %(now)s THEN sealed_former_secret END
  FROM webhook_endpoint
 WHERE endpoint_id = %(endpoint_id)s

-- roll_secret --
-- The present secret becomes the former one for a while.
UPDATE webhook_endpoint
   SET sealed_former_secret = sealed_secret, former_until = %(former_until)s, sealed_secret = %(sealed_secret)s
 WHERE endpoint_id = %(endpoint_id)s

-- prove_endpoint --
-- It took its first message. The endpoint whose place it takes ends now, and not before.
WITH proven AS (
    UPDATE webhook_endpoint SET proven_at = %(now)s
     WHERE endpoint_id = %(endpoint_id)s AND proven_at IS NULL
    RETURNING replaces)
UPDATE webhook_endpoint e SET ended_at = %(now)s
  FROM proven
 WHERE e.endpoint_id = proven.replaces AND e.ended_at IS NULL
RETURNING e.endpoint_id

-- take_over --
-- What had not arrived at the endpoint from before is owed to the one that took its place.
WITH owed AS (
    UPDATE webhook_delivery SET given_up_at = %(now)s
     WHERE endpoint_id = %(from_endpoint)s AND delivered_at IS NULL AND given_up_at IS NULL
    RETURNING message_id)
INSERT INTO webhook_delivery (message_id, endpoint_id, next_attempt_at)
SELECT message_id, %(to_endpoint)s, %(now)s FROM owed
ON CONFLICT DO NOTHING
RETURNING message_id

-- pause_endpoint --
-- Nothing is sent until somebody starts it again. Returns a row where it was not paused before.
UPDATE webhook_endpoint SET paused_at = %(now)s, pause_reason = %(reason)s, paused_by_name = %(by_name)s
 WHERE endpoint_id = %(endpoint_id)s AND paused_at IS NULL
RETURNING endpoint_id

-- resume_endpoint --
-- It gets messages again.
UPDATE webhook_endpoint SET paused_at = NULL, pause_reason = NULL, paused_by_name = NULL
 WHERE endpoint_id = %(endpoint_id)s

-- end_endpoint --
-- For ever.
UPDATE webhook_endpoint SET ended_at = %(now)s WHERE endpoint_id = %(endpoint_id)s AND ended_at IS NULL

-- give_up_waiting --
-- What an ended endpoint will not get any more. It can still be fetched.
UPDATE webhook_delivery SET given_up_at = %(now)s
 WHERE endpoint_id = %(endpoint_id)s AND delivered_at IS NULL AND given_up_at IS NULL

-- tell_alone --
-- Held until the end of the transaction. Whoever tells shares it from before the message has its number until the
-- commit. So whoever has it alone sees every message that has a number, and those to come have higher ones: a reader
-- that has seen a number misses none below it, and an endpoint that takes another's place misses no message.
SELECT CASE WHEN %(alone)s THEN pg_advisory_xact_lock(hashtextextended('webhooks', organisation_id))
            ELSE pg_advisory_xact_lock_shared(hashtextextended('webhooks', organisation_id)) END
  FROM (SELECT %(organisation_id)s::bigint AS organisation_id) AS named

-- organisation_of_endpoint --
-- Whose it is, and whether it has taken a message before. Locked before what it is owed, as everybody does.
SELECT organisation_id, proven_at FROM webhook_endpoint WHERE endpoint_id = %(endpoint_id)s FOR NO KEY UPDATE

-- add_message --
-- Something that happened, for one organisation, with what is owed to each endpoint that is in use or paused.
WITH added AS (
    INSERT INTO webhook_message (organisation_id, message_id, kind, occurred_at, body)
    VALUES (%(organisation_id)s, %(message_id)s, %(kind)s, %(now)s, %(body)s)
    RETURNING message_id)
INSERT INTO webhook_delivery (message_id, endpoint_id, next_attempt_at)
SELECT added.message_id, e.endpoint_id, %(now)s
  FROM added, webhook_endpoint e
 WHERE e.organisation_id = %(organisation_id)s
   AND e.ended_at IS NULL
   AND (e.proven_at IS NOT NULL OR e.endpoint_id = %(test_of)s::uuid)
   AND (%(test_of)s::uuid IS NULL OR e.endpoint_id = %(test_of)s::uuid)
RETURNING endpoint_id

-- list_messages --
-- What happened after a number, oldest first: for whoever fetches instead of listening.
SELECT message_number, message_id, kind, occurred_at, body
  FROM webhook_message
 WHERE organisation_id = %(organisation_id)s AND message_number > %(after)s
 ORDER BY message_number
 LIMIT %(limit)s

-- begin_delivery --
-- What an attempt needs; nothing where it has arrived, was given up, or must not be tried now. Counted before it is
-- tried, so that an attempt that kills its worker counts too. Until the attempt must have ended nobody else begins one;
-- should its worker die, the sweep finds it after that.
UPDATE webhook_delivery d SET attempts = attempts + 1, next_attempt_at = %(free_at)s
  FROM webhook_endpoint e, webhook_message m
 WHERE d.message_id = %(message_id)s AND d.endpoint_id = %(endpoint_id)s
   AND e.endpoint_id = d.endpoint_id AND m.message_id = d.message_id
   AND d.delivered_at IS NULL AND d.given_up_at IS NULL
   AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= %(now)s)
   AND e.ended_at IS NULL AND e.paused_at IS NULL
RETURNING e.address, m.kind, m.occurred_at, m.body, d.attempts

-- end_delivery --
-- It arrived.
UPDATE webhook_delivery SET delivered_at = %(now)s, next_attempt_at = NULL
 WHERE message_id = %(message_id)s AND endpoint_id = %(endpoint_id)s

-- put_off_delivery --
-- It is tried again then.
UPDATE webhook_delivery SET next_attempt_at = %(next_attempt_at)s
 WHERE message_id = %(message_id)s AND endpoint_id = %(endpoint_id)s

-- give_up_delivery --
-- It is tried no more; it can still be fetched, and sent again by hand.
UPDATE webhook_delivery SET given_up_at = %(now)s, next_attempt_at = NULL
 WHERE message_id = %(message_id)s AND endpoint_id = %(endpoint_id)s

-- revive_deliveries --
-- Everything that an endpoint missed since a moment, to be tried from the beginning.
UPDATE webhook_delivery d SET given_up_at = NULL, attempts = 0, next_attempt_at = %(now)s
  FROM webhook_message m
 WHERE d.endpoint_id = %(endpoint_id)s AND m.message_id = d.message_id
   AND d.delivered_at IS NULL AND m.occurred_at >= %(since)s
RETURNING d.message_id

-- revive_delivery --
-- One message, whether it had arrived or not, to be tried from the beginning.
UPDATE webhook_delivery SET delivered_at = NULL, given_up_at = NULL, attempts = 0, next_attempt_at = %(now)s
 WHERE endpoint_id = %(endpoint_id)s AND message_id = %(message_id)s
RETURNING message_id

-- find_overdue --
-- What should have been tried by now, the oldest first: its task was lost, or fired before its time had come.
SELECT d.message_id, d.endpoint_id
  FROM webhook_delivery d
  JOIN webhook_endpoint e USING (endpoint_id)
 WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.next_attempt_at <= %(now)s
   AND e.ended_at IS NULL AND e.paused_at IS NULL
 ORDER BY d.next_attempt_at
 LIMIT %(at_most)s

-- find_delivery --
-- What became of one message at one endpoint.
SELECT d.message_id, m.kind, m.occurred_at, m.body -> 'alert' ->> 'alert_id' AS alert_id, d.attempts, d.next_attempt_at,
       d.delivered_at, d.given_up_at
  FROM webhook_delivery d
  JOIN webhook_message m USING (message_id)
 WHERE d.endpoint_id = %(endpoint_id)s AND d.message_id = %(message_id)s

-- attempts_of_delivery --
-- Its lines of the delivery log, the newest first.
SELECT a.attempt_number, a.message_id, m.kind, a.attempted_at, a.milliseconds, a.http_status, a.fault
  FROM webhook_attempt a
  LEFT JOIN webhook_message m USING (message_id)
 WHERE a.endpoint_id = %(endpoint_id)s AND a.message_id = %(message_id)s
 ORDER BY a.attempt_number DESC
 LIMIT %(limit)s

-- add_attempt --
-- A line of the delivery log.
INSERT INTO webhook_attempt (endpoint_id, message_id, attempted_at, milliseconds, http_status, fault)
VALUES (%(endpoint_id)s, %(message_id)s, %(now)s, %(milliseconds)s, %(http_status)s, %(fault)s)

-- list_attempts --
-- The delivery log of one endpoint, the newest first.
SELECT a.attempt_number, a.message_id, m.kind, a.attempted_at, a.milliseconds, a.http_status, a.fault
  FROM webhook_attempt a
  LEFT JOIN webhook_message m USING (message_id)
 WHERE a.endpoint_id = %(endpoint_id)s
 ORDER BY a.attempt_number DESC
 LIMIT %(limit)s

-- remove_old_messages --
-- Deliveries go with them.
DELETE FROM webhook_message WHERE occurred_at < %(before)s

-- remove_old_attempts --
-- The log is kept as long as the messages.
DELETE FROM webhook_attempt WHERE attempted_at < %(before)s
