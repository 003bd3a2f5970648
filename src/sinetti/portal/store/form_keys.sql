-- use_form_key --
-- Returns a row at the first use only. A second use waits for the end of the first one's transaction.
INSERT INTO form_key (form_key, session_id, used_at)
VALUES (%(form_key)s, %(session_id)s, %(now)s)
ON CONFLICT (form_key) DO NOTHING
RETURNING form_key

-- find_form_key --
-- Where the first use led; another session's key is nobody's.
SELECT result_path FROM form_key WHERE form_key = %(form_key)s AND session_id = %(session_id)s

-- keep_result --
-- In the transaction of the first use.
UPDATE form_key SET result_path = %(path)s WHERE form_key = %(form_key)s

-- forget_form_key --
-- The first use made nothing after all.
DELETE FROM form_key WHERE form_key = %(form_key)s
