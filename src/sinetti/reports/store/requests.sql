-- count_waiting --
-- Requests of one client that are not made yet.
SELECT count(*)
  FROM report_request
 WHERE equipment_id = %(equipment_id)s AND finished_at IS NULL AND given_up_at IS NULL AND expires_at > %(now)s

-- last_waiting_eta --
-- When everything that waits will be made, of alerts or of reports: one of each is made at a time.
SELECT max(eta)
  FROM report_request
 WHERE (report_type = 'alerts') = %(is_alerts)s AND user_id IS NULL AND finished_at IS NULL AND given_up_at IS NULL
   AND expires_at > %(now)s

-- measured_speed --
-- Events that were expected for each second that it took, for all but the quickest fifth of those made lately.
SELECT percentile_cont(0.2) WITHIN GROUP
           (ORDER BY events_expected / greatest(extract(epoch FROM finished_at - started_at), 0.001))
  FROM (SELECT events_expected, started_at, finished_at
          FROM report_request
         WHERE report_type = %(report_type)s AND finished_at IS NOT NULL
           AND requested_at > %(now)s - interval '30 days' AND events_expected > %(events_min)s
         ORDER BY requested_at DESC
         LIMIT 50) AS lately

-- add_request --
-- A request that is taken. A snapshot is asked for once a day, by whichever worker comes first.
INSERT INTO report_request (request_id, report_type, title, requested_by, parameters, starts_at, ends_at, language,
                            equipment_id, organisation_id, snapshot_day, source_address, requested_at, events_expected,
                            eta, expires_at)
VALUES (%(request_id)s, %(report_type)s, %(title)s, %(requested_by)s, %(parameters)s, %(starts_at)s, %(ends_at)s,
        %(language)s, %(equipment_id)s, %(organisation_id)s, %(snapshot_day)s, %(source_address)s, %(requested_at)s,
        %(events_expected)s, %(eta)s, %(expires_at)s)
ON CONFLICT (report_type, snapshot_day) DO NOTHING

-- find_request --
-- A request of this client, or a snapshot, which is for all; not when it has expired.
SELECT request_id, report_type, title, requested_by, parameters, starts_at, ends_at, language, snapshot_day,
       requested_at, eta, attempts, started_at, finished_at, given_up_at, finished_attempt, row_count, is_truncated,
       is_over_limit, full_asked_at, workbook_asked_at, workbook_finished_at, expires_at
  FROM report_request
 WHERE request_id = %(request_id)s AND (equipment_id = %(equipment_id)s OR snapshot_day IS NOT NULL)
   AND expires_at > %(now)s AND removed_at IS NULL

-- list_requests --
-- Reports of this client and snapshots that can be fetched, and were being made at some time of the span asked for:
-- a client's clock may be a little before ours. The latest first.
SELECT request_id
  FROM report_request
 WHERE report_type <> 'alerts' AND (equipment_id = %(equipment_id)s OR snapshot_day IS NOT NULL)
   AND finished_at IS NOT NULL AND expires_at > %(now)s AND removed_at IS NULL
   AND finished_at >= %(from_moment)s AND requested_at < %(to_moment)s
   AND (%(report_type)s::text IS NULL OR report_type = %(report_type)s)
   AND (%(requested_by)s::text IS NULL OR requested_by = %(requested_by)s)
   AND (%(title)s::text IS NULL OR title = %(title)s)
 ORDER BY requested_at DESC, request_id DESC
 LIMIT %(limit)s

-- ask_full --
-- Have it made once more, with everything. Once only: whoever asks again waits for the first.
UPDATE report_request
   SET full_asked_at = %(now)s, finished_at = NULL, finished_attempt = NULL, eta = %(eta)s, attempts = 0
 WHERE request_id = %(request_id)s AND full_asked_at IS NULL AND finished_at IS NOT NULL

-- ask_workbook --
-- Once only: whoever asks again waits for the first.
UPDATE report_request
   SET workbook_asked_at = %(now)s
 WHERE request_id = %(request_id)s AND workbook_asked_at IS NULL AND finished_at IS NOT NULL

-- begin --
-- One more attempt, unless it has been made, has expired or was given up.
UPDATE report_request
   SET attempts = attempts + 1, started_at = %(now)s
 WHERE request_id = %(request_id)s AND finished_at IS NULL AND given_up_at IS NULL AND expires_at > %(now)s
RETURNING request_id, report_type, title, requested_by, parameters, starts_at, ends_at, language, snapshot_day,
          requested_at, eta, attempts, started_at, finished_at, given_up_at, finished_attempt, row_count, is_truncated,
          is_over_limit, full_asked_at, workbook_asked_at, workbook_finished_at, expires_at

-- remove_pieces --
-- What earlier attempts stored, in one form.
DELETE FROM report_piece WHERE request_id = %(request_id)s AND form = %(form)s

-- finish --
-- Only the latest attempt can: one that a lost worker still works at comes too late.
UPDATE report_request
   SET finished_at = %(now)s, finished_attempt = %(attempt)s, row_count = %(row_count)s,
       events_read = %(events_read)s, is_truncated = %(is_truncated)s, is_over_limit = %(is_over_limit)s
 WHERE request_id = %(request_id)s AND attempts = %(attempt)s AND finished_at IS NULL

-- finish_workbook --
-- The workbook of a report is there.
UPDATE report_request SET workbook_finished_at = %(now)s WHERE request_id = %(request_id)s AND finished_at IS NOT NULL

-- give_up --
-- It will not be made.
UPDATE report_request SET given_up_at = %(now)s WHERE request_id = %(request_id)s AND finished_at IS NULL

-- add_piece --
-- A piece of content.
INSERT INTO report_piece (request_id, form, attempt, piece_number, content)
VALUES (%(request_id)s, %(form)s, %(attempt)s, %(piece_number)s, %(content)s)

-- read_piece --
-- A piece of content.
SELECT content
  FROM report_piece
 WHERE request_id = %(request_id)s AND form = %(form)s AND attempt = %(attempt)s AND piece_number = %(piece_number)s

-- remove_expired --
-- The content of some requests whose time is over; the requests stay (docs/adr/0015).
WITH over AS (
    UPDATE report_request
       SET removed_at = %(now)s
     WHERE request_id IN (SELECT request_id FROM report_request
                           WHERE expires_at <= %(now)s AND removed_at IS NULL
                           ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING request_id
)
DELETE FROM report_piece WHERE request_id IN (SELECT request_id FROM over)

-- report_type_of --
-- What was asked for.
SELECT report_type FROM report_request WHERE request_id = %(request_id)s
