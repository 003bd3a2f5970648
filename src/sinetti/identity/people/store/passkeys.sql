-- list_passkeys --
-- Those of a person, the oldest first.
SELECT passkey_id, name, added_at, last_used_at, credential_id, transports
  FROM person_passkey
 WHERE user_id = %(user_id)s
 ORDER BY added_at, passkey_id

-- add_passkey --
-- Nothing where the passkey is somebody's already.
INSERT INTO person_passkey (passkey_id, user_id, credential_id, public_key, sign_count, transports, name, added_at)
VALUES (%(passkey_id)s, %(user_id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(transports)s, %(name)s,
        %(now)s)
ON CONFLICT (credential_id) DO NOTHING

-- find_credential --
-- Whose passkey it is. Locked, so that of two answers with the same count one is refused.
SELECT k.passkey_id, k.user_id, k.public_key, k.sign_count, p.passkey_handle, p.lock_reason
  FROM person_passkey k
  JOIN person p USING (user_id)
 WHERE k.credential_id = %(credential_id)s
   FOR NO KEY UPDATE OF k

-- note_use --
-- The count only grows.
UPDATE person_passkey SET sign_count = %(sign_count)s, last_used_at = %(now)s WHERE passkey_id = %(passkey_id)s

-- rename_passkey --
-- Only one's own.
UPDATE person_passkey SET name = %(name)s WHERE passkey_id = %(passkey_id)s AND user_id = %(user_id)s

-- remove_passkey --
-- Only one's own.
DELETE FROM person_passkey WHERE passkey_id = %(passkey_id)s AND user_id = %(user_id)s

-- use_challenge --
-- No row where it came back before.
INSERT INTO passkey_challenge_used (challenge_sha256, used_at) VALUES (%(challenge_sha256)s, %(now)s)
ON CONFLICT DO NOTHING

-- find_handle --
-- What passkeys call their owner.
SELECT passkey_handle FROM person WHERE user_id = %(user_id)s

-- remove_old_challenges --
-- Those that are too old to come back.
DELETE FROM passkey_challenge_used WHERE used_at < %(before)s
