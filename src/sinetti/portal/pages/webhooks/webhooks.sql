-- list_endpoints --
-- Endpoints within reach, with how they stand.
SELECT * FROM (
    SELECT e.endpoint_id, organisation.name AS organisation_name, e.address, e.created_at,
           CASE WHEN e.ended_at IS NOT NULL THEN 'ended'
                WHEN e.paused_at IS NOT NULL THEN 'paused'
                WHEN e.proven_at IS NULL THEN 'unproven'
                ELSE 'in_use' END AS state,
           (SELECT count(*) FROM webhook_delivery AS d
             WHERE d.endpoint_id = e.endpoint_id AND d.delivered_at IS NULL AND d.given_up_at IS NULL) AS waiting,
           (SELECT max(d.delivered_at) FROM webhook_delivery AS d WHERE d.endpoint_id = e.endpoint_id) AS last_arrived_at
      FROM webhook_endpoint AS e
      JOIN organisation USING (organisation_id)
     WHERE (%(everything)s OR e.organisation_id = %(organisation_id)s)
       AND (%(pattern)s = '%%' OR e.address LIKE %(pattern)s OR organisation.name ~ %(forgiving)s)) AS endpoint
 WHERE CASE WHEN %(state)s = '' THEN state <> 'ended' ELSE state = %(state)s END

-- list_deliveries --
-- What became of each message of one endpoint.
SELECT d.message_id, m.message_number, m.kind, m.occurred_at, m.body -> 'alert' ->> 'alertId' AS alert_id, d.attempts,
       d.next_attempt_at, d.delivered_at, d.given_up_at, last.http_status, last.fault
  FROM webhook_delivery AS d
  JOIN webhook_message AS m USING (message_id)
  LEFT JOIN LATERAL (
       SELECT a.http_status, a.fault FROM webhook_attempt AS a
        WHERE a.endpoint_id = d.endpoint_id AND a.message_id = d.message_id
        ORDER BY a.attempt_number DESC LIMIT 1) AS last ON true
 WHERE d.endpoint_id = %(endpoint_id)s
   AND CASE %(state)s WHEN 'waiting' THEN d.delivered_at IS NULL AND d.given_up_at IS NULL
                      WHEN 'arrived' THEN d.delivered_at IS NOT NULL
                      WHEN 'given_up' THEN d.given_up_at IS NOT NULL
                      WHEN 'troubled' THEN d.attempts > 1 OR last.fault IS NOT NULL
                      ELSE true END
   AND (%(pattern)s = '%%' OR m.body -> 'alert' ->> 'alertId' LIKE %(pattern)s OR m.kind LIKE %(pattern)s
        OR 'msg_' || replace(d.message_id::text, '-', '') LIKE %(pattern)s)

-- owner_of_endpoint --
-- Whose it is.
SELECT organisation_id FROM webhook_endpoint WHERE endpoint_id = %(endpoint_id)s

-- list_main_users --
-- Who can do something about an endpoint: the main users of its organisation; where it has none, its contact.
WITH main_users AS (
    SELECT email, language
      FROM person
     WHERE organisation_id = %(organisation_id)s AND locked_at IS NULL AND role = 'mah_obp_main_user'
)
SELECT email, language FROM main_users
UNION ALL
SELECT contact_email, NULL
  FROM organisation_details
 WHERE organisation_id = %(organisation_id)s AND contact_email IS NOT NULL AND NOT EXISTS (SELECT FROM main_users)
 ORDER BY email
