-- find_to_sign_in --
-- What is needed to judge an attempt to sign in.
SELECT p.user_id, p.role, p.password_hash, p.lock_reason,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id)
       OR EXISTS (SELECT FROM person_passkey k WHERE k.user_id = p.user_id) AS has_second_factor,
       EXISTS (SELECT FROM person_device d WHERE d.user_id = p.user_id AND d.token_sha256 = %(device)s) AS device_known
  FROM person p
 WHERE lower(p.email) = lower(%(email)s)

-- find_password --
-- The password of somebody who is signed in.
SELECT password_hash FROM person WHERE user_id = %(user_id)s

-- keep_device --
-- Somebody has signed in with this browser.
INSERT INTO person_device (token_sha256, user_id, known_since) VALUES (%(device)s, %(user_id)s, %(now)s)
ON CONFLICT DO NOTHING

-- note_sign_in --
-- Somebody is in, with everything shown that is needed.
UPDATE person SET last_signed_in_at = %(now)s WHERE user_id = %(user_id)s
