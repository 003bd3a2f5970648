-- add_session --
-- A session just begun. Of its token only the digest is kept.
INSERT INTO person_session (session_id, user_id, token_sha256, csrf_token, started_at, expires_at, second_factor_done,
                            must_set_second_factor)
VALUES (%(session_id)s, %(user_id)s, %(token_sha256)s, %(csrf_token)s, %(now)s, %(expires_at)s, %(second_factor_done)s,
        %(must_set_second_factor)s)

-- find_session --
-- Who holds the token, as long as the session lives and the person is not locked.
SELECT p.user_id, p.name, p.email, p.role, p.organisation_id, p.language, s.session_id, s.csrf_token,
       s.second_factor_done, s.must_set_second_factor,
       ARRAY(SELECT l.location_id FROM person_location l WHERE l.user_id = p.user_id ORDER BY l.location_id)
           AS location_ids
  FROM person_session s
  JOIN person p USING (user_id)
 WHERE s.token_sha256 = %(token_sha256)s
   AND s.ended_at IS NULL
   AND s.expires_at > %(now)s
   AND p.locked_at IS NULL

-- end_session --
-- From now on the token opens nothing, in whichever process.
UPDATE person_session SET ended_at = %(now)s WHERE session_id = %(session_id)s AND ended_at IS NULL
