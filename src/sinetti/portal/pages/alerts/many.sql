-- keep_result --
-- What became of a change of many alerts.
INSERT INTO alert_bulk_change (bulk_id, user_id, made_at, result)
VALUES (%(bulk_id)s, %(user_id)s, %(now)s, %(result)s)

-- find_result --
-- The same, for whoever made it.
SELECT made_at, result FROM alert_bulk_change WHERE bulk_id = %(bulk_id)s AND user_id = %(user_id)s

-- forget_old --
-- What was made long ago, by whomever.
DELETE FROM alert_bulk_change WHERE made_at < %(before)s
