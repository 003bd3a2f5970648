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
