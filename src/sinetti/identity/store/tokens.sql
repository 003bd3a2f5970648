-- read_epoch --
-- The number that changes with every change to who may call, whoever makes it.
SELECT epoch FROM identity_epoch

-- find_client --
-- The digest of the client's secret, and the widest lock that stands on it.
SELECT c.equipment_id, c.secret_sha256,
       CASE WHEN o.locked_at IS NOT NULL THEN 'organisation'
            WHEN l.locked_at IS NOT NULL THEN 'location'
            WHEN c.locked_at IS NOT NULL THEN 'equipment' END AS locked_part,
       CASE WHEN o.locked_at IS NOT NULL THEN o.lock_reason
            WHEN l.locked_at IS NOT NULL THEN l.lock_reason
            ELSE c.lock_reason END AS lock_reason,
       coalesce(o.locked_at, l.locked_at, c.locked_at) AS locked_at
  FROM client_equipment c
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
 WHERE c.client_id = %(client_id)s
   AND c.deleted_at IS NULL

-- add_token --
-- A token just issued. Only its digest is kept.
INSERT INTO access_token (token_sha256, equipment_id, issued_at, expires_at)
VALUES (%(token_sha256)s, %(equipment_id)s, %(now)s, %(expires_at)s)

-- find_token --
-- Whose token it is, the widest lock that stands on the holder, and the identity epoch. All of one statement, hence
-- of one moment: an answer may be remembered only for the epoch that it belongs to.
SELECT e.epoch, t.expires_at, c.equipment_id, c.location_id, l.organisation_id, o.kind, c.client_role,
       CASE WHEN o.locked_at IS NOT NULL THEN 'organisation'
            WHEN l.locked_at IS NOT NULL THEN 'location'
            WHEN c.locked_at IS NOT NULL THEN 'equipment' END AS locked_part,
       CASE WHEN o.locked_at IS NOT NULL THEN o.lock_reason
            WHEN l.locked_at IS NOT NULL THEN l.lock_reason
            ELSE c.lock_reason END AS lock_reason,
       coalesce(o.locked_at, l.locked_at, c.locked_at) AS locked_at
  FROM access_token t
  JOIN client_equipment c USING (equipment_id)
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
 CROSS JOIN identity_epoch e
 WHERE t.token_sha256 = %(token_sha256)s
   AND c.deleted_at IS NULL

-- remove_expired_tokens --
-- A bounded number at a time, so that no removal is long. SKIP LOCKED lets two processes clean up side by side.
DELETE FROM access_token
 WHERE token_sha256 IN (
     SELECT token_sha256
       FROM access_token
      WHERE expires_at < %(expired_before)s
      ORDER BY expires_at
      LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED)
