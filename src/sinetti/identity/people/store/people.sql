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
       p.password_hash IS NOT NULL AS has_password, p.last_signed_in_at, p.locked_at, p.lock_reason,
       p.locked_by_operator,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp,
       EXISTS (SELECT FROM person_passkey k WHERE k.user_id = p.user_id) AS has_passkey,
       ARRAY(SELECT l.location_id FROM person_location l WHERE l.user_id = p.user_id ORDER BY l.location_id)
           AS location_ids
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 WHERE p.user_id = %(user_id)s

-- find_person_of_email --
-- One person by mail address, however it is spelt.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, o.name AS organisation_name, p.language,
       p.password_hash IS NOT NULL AS has_password, p.last_signed_in_at, p.locked_at, p.lock_reason,
       p.locked_by_operator,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp,
       EXISTS (SELECT FROM person_passkey k WHERE k.user_id = p.user_id) AS has_passkey,
       ARRAY(SELECT l.location_id FROM person_location l WHERE l.user_id = p.user_id ORDER BY l.location_id)
           AS location_ids
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 WHERE lower(p.email) = lower(%(email)s)

-- list_people --
-- Everybody, in the order in which they were added.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, o.name AS organisation_name, p.language,
       p.password_hash IS NOT NULL AS has_password, p.last_signed_in_at, p.locked_at, p.lock_reason,
       p.locked_by_operator,
       EXISTS (SELECT FROM person_totp t WHERE t.user_id = p.user_id) AS has_totp,
       EXISTS (SELECT FROM person_passkey k WHERE k.user_id = p.user_id) AS has_passkey,
       ARRAY(SELECT l.location_id FROM person_location l WHERE l.user_id = p.user_id ORDER BY l.location_id)
           AS location_ids
  FROM person p
  LEFT JOIN organisation o USING (organisation_id)
 ORDER BY p.user_id

-- lock_colleagues --
-- Everybody of an organisation, or of those without one. Locked in one order, so that two who lock or demote each
-- other at the same moment are judged one after the other.
SELECT user_id, role, locked_at IS NULL AND password_hash IS NOT NULL AS can_sign_in
  FROM person
 WHERE organisation_id IS NOT DISTINCT FROM %(organisation_id)s
 ORDER BY user_id
   FOR NO KEY UPDATE

-- lock_row --
-- Two tabs that each take one of the last two factors away are judged one after the other.
SELECT FROM person WHERE user_id = %(user_id)s FOR NO KEY UPDATE

-- change_person --
-- What can be changed of somebody. The address is their own to change, once they have shown that its mail reaches them.
UPDATE person SET name = %(name)s, role = %(role)s, language = %(language)s WHERE user_id = %(user_id)s

-- change_email --
-- Of two links that were sent, the one that is followed first counts.
UPDATE person SET email = %(after)s WHERE user_id = %(user_id)s AND email = %(before)s

-- remove_locations_of_person --
-- Before others are given.
DELETE FROM person_location WHERE user_id = %(user_id)s

-- lock_person --
-- Keep somebody out.
UPDATE person SET locked_at = %(now)s, lock_reason = %(reason)s, locked_by_operator = %(by_operator)s
 WHERE user_id = %(user_id)s AND locked_at IS NULL

-- unlock_person --
-- Let somebody in again.
UPDATE person SET locked_at = NULL, lock_reason = NULL WHERE user_id = %(user_id)s

-- end_invitations --
-- No link from before sets a password any more.
UPDATE person_invitation SET expires_at = %(now)s
 WHERE user_id = %(user_id)s AND used_at IS NULL AND expires_at > %(now)s

-- add_invitation --
-- A link; of its token only the digest is kept.
INSERT INTO person_invitation (token_sha256, user_id, purpose, created_at, expires_at)
VALUES (%(token_sha256)s, %(user_id)s, %(purpose)s, %(now)s, %(expires_at)s)

-- find_invitation --
-- Locked: of two who open the same link at once one sets the password, and the other is told so.
SELECT user_id, purpose, expires_at, used_at FROM person_invitation WHERE token_sha256 = %(token_sha256)s FOR UPDATE

-- open_invitation_until --
-- Until when an invitation that was sent can be used.
SELECT max(expires_at) FROM person_invitation
 WHERE user_id = %(user_id)s AND purpose = 'invitation' AND used_at IS NULL AND expires_at > %(now)s

-- use_invitation --
-- The link has done its work.
UPDATE person_invitation SET used_at = %(now)s WHERE token_sha256 = %(token_sha256)s

-- set_password --
-- A new password.
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
-- No app any more.
DELETE FROM person_totp WHERE user_id = %(user_id)s

-- remove_passkeys --
-- None of them opens anything any more.
DELETE FROM person_passkey WHERE user_id = %(user_id)s

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

-- count_recovery_codes --
-- Those that are still good.
SELECT count(*) FROM person_recovery_code WHERE user_id = %(user_id)s AND used_at IS NULL
