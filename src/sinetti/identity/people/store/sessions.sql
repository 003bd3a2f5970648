-- add_session --
-- A session just begun. Of its token only the digest is kept.
INSERT INTO person_session (session_id, user_id, token_sha256, csrf_token, started_at, last_seen_at, expires_at,
                            second_factor_done, must_set_second_factor, source_address, user_agent)
VALUES (%(session_id)s, %(user_id)s, %(token_sha256)s, %(csrf_token)s, %(now)s, %(now)s, %(expires_at)s,
        %(second_factor_done)s, %(must_set_second_factor)s, %(source_address)s, %(user_agent)s)

-- find_session --
-- Who holds the token, as long as the session lives and the person is not locked.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, p.language, s.session_id, s.csrf_token,
       s.second_factor_done, s.must_set_second_factor,
       ARRAY(SELECT l.location_id FROM person_location l WHERE l.user_id = p.user_id ORDER BY l.location_id)
           AS location_ids,
       s.last_seen_at IS NULL OR s.last_seen_at < %(seen_before)s AS seen_long_ago
  FROM person_session s
  JOIN person p USING (user_id)
 WHERE s.token_sha256 = %(token_sha256)s
   AND s.ended_at IS NULL
   AND s.expires_at > %(now)s
   AND p.locked_at IS NULL

-- see_session --
-- Requests that come together do not wait for each other: one of them notes it, the others skip the locked row.
UPDATE person_session s SET last_seen_at = %(now)s
  FROM (SELECT session_id FROM person_session WHERE session_id = %(session_id)s FOR UPDATE SKIP LOCKED) AS seen
 WHERE s.session_id = seen.session_id

-- renew_session --
-- Another token in place of the one before, with everything shown.
UPDATE person_session
   SET token_sha256 = %(token_sha256)s, csrf_token = %(csrf_token)s, second_factor_done = true,
       must_set_second_factor = false
 WHERE session_id = %(session_id)s AND ended_at IS NULL

-- list_sessions --
-- Where a person is signed in, the newest first.
SELECT session_id, started_at, last_seen_at, source_address, user_agent
  FROM person_session
 WHERE user_id = %(user_id)s
   AND ended_at IS NULL
   AND expires_at > %(now)s
 ORDER BY started_at DESC, session_id

-- end_session --
-- From now on the token opens nothing, in whichever process.
UPDATE person_session SET ended_at = %(now)s, ended_because = %(because)s
 WHERE session_id = %(session_id)s AND user_id = %(user_id)s AND ended_at IS NULL

-- end_sessions --
-- All of a person, but perhaps one.
UPDATE person_session SET ended_at = %(now)s, ended_because = %(because)s
 WHERE user_id = %(user_id)s
   AND ended_at IS NULL
   AND expires_at > %(now)s
   AND session_id <> coalesce(%(except_id)s, '')

-- find_end --
-- Why the token opens nothing any more.
SELECT CASE WHEN s.ended_at IS NOT NULL THEN s.ended_because ELSE 'expired' END
  FROM person_session s
 WHERE s.token_sha256 = %(token_sha256)s
   AND (s.ended_at IS NOT NULL OR s.expires_at <= %(now)s)

-- remove_old_sessions --
-- Who comes back after a week does not ask any more why the session ended. The audit names them by their own number.
DELETE FROM person_session WHERE expires_at < %(before)s
