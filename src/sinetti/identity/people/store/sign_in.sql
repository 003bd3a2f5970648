-- find_to_sign_in --
-- What is needed to judge an attempt to sign in.
SELECT p.user_id, p.role, p.password_hash, p.locked_at IS NOT NULL AS is_locked,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp,
       EXISTS (SELECT FROM person_device d WHERE d.user_id = p.user_id AND d.token_sha256 = %(device)s) AS device_known
  FROM person p
 WHERE lower(p.email) = lower(%(email)s)

-- keep_device --
-- Somebody has signed in with this browser.
INSERT INTO person_device (token_sha256, user_id, known_since) VALUES (%(device)s, %(user_id)s, %(now)s)
ON CONFLICT DO NOTHING

-- count_attempt --
-- What is older than an hour begins anew.
INSERT INTO sign_in_attempts AS a (bucket, attempts, attempted_at, open_at)
VALUES (%(bucket)s, 1, %(now)s, %(now)s)
ON CONFLICT (bucket) DO UPDATE
   SET attempts = CASE WHEN a.attempted_at < %(forget_before)s THEN 1
                       WHEN a.open_at > %(now)s THEN a.attempts
                       ELSE a.attempts + 1 END,
       attempted_at = CASE WHEN a.open_at > %(now)s THEN a.attempted_at ELSE %(now)s END
RETURNING attempts, open_at

-- close_bucket --
-- No attempt is looked at until then.
UPDATE sign_in_attempts SET open_at = %(open_at)s WHERE bucket = %(bucket)s

-- forget_bucket --
-- A success: counting begins anew.
DELETE FROM sign_in_attempts WHERE bucket = %(bucket)s

-- remove_old_attempts --
-- What would begin anew anyway.
DELETE FROM sign_in_attempts WHERE attempted_at < %(forget_before)s
