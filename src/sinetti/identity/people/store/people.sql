-- add_person --
-- Somebody new, who has no password yet.
INSERT INTO person (name, email, role, organisation_id, language, created_at)
VALUES (%(name)s, %(email)s, %(role)s, %(organisation_id)s, %(language)s, %(now)s)
RETURNING user_id

-- add_location_of_person --
-- Only a location of the person's own organisation.
INSERT INTO person_location (user_id, location_id)
SELECT %(user_id)s, l.location_id
  FROM location l
 WHERE l.location_id = %(location_id)s
   AND l.organisation_id = %(organisation_id)s

-- find_person --
-- One person by number.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, o.name AS organisation_name, p.language,
       p.password_hash IS NOT NULL AS has_password, p.locked_at, p.lock_reason,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 WHERE p.user_id = %(user_id)s

-- find_person_of_email --
-- One person by mail address, however it is spelt.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, o.name AS organisation_name, p.language,
       p.password_hash IS NOT NULL AS has_password, p.locked_at, p.lock_reason,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 WHERE lower(p.email) = lower(%(email)s)

-- list_people --
-- Everybody, in the order in which they were added.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, o.name AS organisation_name, p.language,
       p.password_hash IS NOT NULL AS has_password, p.locked_at, p.lock_reason,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 ORDER BY p.user_id

-- lock_person --
-- Keep somebody out; every session ends with it.
WITH ended AS (
    UPDATE person_session SET ended_at = %(now)s WHERE user_id = %(user_id)s AND ended_at IS NULL)
UPDATE person SET locked_at = coalesce(locked_at, %(now)s), lock_reason = %(reason)s WHERE user_id = %(user_id)s

-- unlock_person --
-- Let somebody in again.
UPDATE person SET locked_at = NULL, lock_reason = NULL WHERE user_id = %(user_id)s

-- end_invitations --
-- A newer link takes the place of those before.
UPDATE person_invitation SET expires_at = %(now)s
 WHERE user_id = %(user_id)s AND used_at IS NULL AND expires_at > %(now)s

-- add_invitation --
-- A link; of its token only the digest is kept.
INSERT INTO person_invitation (token_sha256, user_id, created_at, expires_at)
VALUES (%(token_sha256)s, %(user_id)s, %(now)s, %(expires_at)s)

-- find_invitation --
-- Locked: of two who open the same link at once one sets the password, and the other is told so.
SELECT user_id, expires_at, used_at FROM person_invitation WHERE token_sha256 = %(token_sha256)s FOR UPDATE

-- accept_invitation --
-- The link is used, sessions from before end, and the password counts, all at once.
WITH used AS (
    UPDATE person_invitation SET used_at = %(now)s WHERE token_sha256 = %(token_sha256)s RETURNING user_id),
ended AS (
    UPDATE person_session s SET ended_at = %(now)s FROM used WHERE s.user_id = used.user_id AND s.ended_at IS NULL)
UPDATE person p SET password_hash = %(password_hash)s FROM used WHERE p.user_id = used.user_id

-- set_password --
-- A new password; sessions from before end.
WITH ended AS (
    UPDATE person_session SET ended_at = %(now)s WHERE user_id = %(user_id)s AND ended_at IS NULL)
UPDATE person SET password_hash = %(password_hash)s WHERE user_id = %(user_id)s

-- find_totp --
-- Locked, so that a code that two requests bring at once is good for one of them.
SELECT sealed_secret, last_step FROM person_totp WHERE user_id = %(user_id)s FOR UPDATE

-- set_totp --
-- The app of a person, in place of the one before.
INSERT INTO person_totp (user_id, sealed_secret, set_at, last_step)
VALUES (%(user_id)s, %(sealed_secret)s, %(now)s, %(last_step)s)
ON CONFLICT (user_id) DO UPDATE
   SET sealed_secret = excluded.sealed_secret, set_at = excluded.set_at, last_step = excluded.last_step

-- remove_totp --
-- No app any more; sessions end, so that it is set up anew where the role demands it.
WITH ended AS (
    UPDATE person_session SET ended_at = %(now)s WHERE user_id = %(user_id)s AND ended_at IS NULL)
DELETE FROM person_totp WHERE user_id = %(user_id)s

-- use_step --
-- Codes up to this one are used.
UPDATE person_totp SET last_step = %(step)s WHERE user_id = %(user_id)s

-- add_recovery_code --
-- One more way in, good once.
INSERT INTO person_recovery_code (user_id, code_sha256) VALUES (%(user_id)s, %(code_sha256)s)

-- remove_recovery_codes --
-- The codes from before end.
DELETE FROM person_recovery_code WHERE user_id = %(user_id)s

-- use_recovery_code --
-- Use a code, if there is such a one and it was not used.
UPDATE person_recovery_code SET used_at = %(now)s
 WHERE user_id = %(user_id)s AND code_sha256 = %(code_sha256)s AND used_at IS NULL
