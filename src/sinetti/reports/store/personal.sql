-- add_personal --
-- Something that a person waits for.
INSERT INTO report_request (request_id, report_type, title, parameters, starts_at, ends_at, language, user_id,
                            source_address, requested_at, events_expected, eta, expires_at)
VALUES (%(request_id)s, %(report_type)s, %(title)s, %(parameters)s, %(starts_at)s, %(ends_at)s, %(language)s,
        %(user_id)s, %(source_address)s, %(now)s, %(events_expected)s, %(eta)s, %(expires_at)s)

-- count_waiting --
-- What the person waits for.
SELECT count(*)
  FROM report_request
 WHERE user_id = %(user_id)s AND finished_at IS NULL AND given_up_at IS NULL AND expires_at > %(now)s

-- last_waiting_eta --
-- When everything of this kind that people wait for will be made: one is made at a time.
SELECT max(eta)
  FROM report_request
 WHERE user_id IS NOT NULL AND split_part(report_type, ':', 1) = %(kind)s AND finished_at IS NULL
   AND given_up_at IS NULL AND expires_at > %(now)s

-- find_personal --
-- What this person asked for; not when it has expired.
SELECT request_id, report_type, title, parameters, starts_at, ends_at, language, user_id, requested_at, eta, attempts,
       started_at, finished_at, given_up_at, finished_attempt, row_count, is_truncated, progress_percent, expires_at
  FROM report_request
 WHERE request_id = %(request_id)s AND user_id = %(user_id)s AND expires_at > %(now)s AND removed_at IS NULL

-- list_personal --
-- What this person asked for and can still be seen, of one kind; the latest first.
SELECT request_id, report_type, title, parameters, starts_at, ends_at, language, user_id, requested_at, eta, attempts,
       started_at, finished_at, given_up_at, finished_attempt, row_count, is_truncated, progress_percent, expires_at
  FROM report_request
 WHERE user_id = %(user_id)s AND split_part(report_type, ':', 1) = %(kind)s AND expires_at > %(now)s
   AND removed_at IS NULL
 ORDER BY requested_at DESC, request_id DESC
 LIMIT %(limit)s

-- begin --
-- One more attempt, unless it has been made, has expired or was given up.
UPDATE report_request
   SET attempts = attempts + 1, started_at = %(now)s, progress_percent = 0
 WHERE request_id = %(request_id)s AND finished_at IS NULL AND given_up_at IS NULL AND expires_at > %(now)s
RETURNING request_id, report_type, title, parameters, starts_at, ends_at, language, user_id, requested_at, eta, attempts,
          started_at, finished_at, given_up_at, finished_attempt, row_count, is_truncated, progress_percent, expires_at

-- remove_pieces --
-- What earlier attempts stored.
DELETE FROM report_piece WHERE request_id = %(request_id)s AND attempt < %(attempt)s

-- note_progress --
-- How far the latest attempt has come.
UPDATE report_request SET progress_percent = %(percent)s WHERE request_id = %(request_id)s AND attempts = %(attempt)s

-- expire --
-- Whoever it is for wants it no more: its content goes with what has expired.
UPDATE report_request
   SET expires_at = %(now)s
 WHERE request_id = %(request_id)s AND user_id = %(user_id)s AND expires_at > %(now)s
