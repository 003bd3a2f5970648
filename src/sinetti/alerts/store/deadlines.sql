-- due_deadlines --
-- Deadlines that have passed and that nobody has been told of, locked for whoever tells it.
SELECT product_id, event_number, deadline, side
  FROM alert_deadline
 WHERE due_at <= %(now)s AND met_at IS NULL AND told_at IS NULL
 ORDER BY due_at
 LIMIT %(at_once)s
   FOR UPDATE SKIP LOCKED

-- coming_deadlines --
-- Deadlines that are near and of which the side that owes an answer has not been reminded, locked for whoever does it.
-- The words of the condition are those of the index.
SELECT due.product_id, due.event_number, due.deadline, due.side
  FROM alert_deadline AS due
  JOIN unnest(%(deadlines)s::text[], %(before)s::interval[]) AS warning (deadline, before) USING (deadline)
 WHERE due.due_at > %(now)s AND due.due_at <= %(latest)s AND due.due_at <= %(now)s::timestamptz + warning.before
   AND due.met_at IS NULL AND due.told_at IS NULL AND due.warned_at IS NULL
   AND due.deadline IN ('expected_answer', 'close_without_answer')
 ORDER BY due.due_at
 LIMIT %(at_once)s
   FOR UPDATE OF due SKIP LOCKED

-- note_warned --
-- The side was reminded.
UPDATE alert_deadline SET warned_at = %(now)s
 WHERE (product_id, event_number, side, deadline) = (%(product_id)s, %(event_number)s, %(side)s, %(deadline)s)

-- late_requests --
-- Requests to other countries that wait for an answer longer than they should; marked in the same statement.
UPDATE trail_request SET told_late_at = %(now)s
 WHERE (product_id, request_id) IN (
           SELECT product_id, request_id FROM trail_request
            WHERE state IN ('asked', 'sent') AND due_at <= %(now)s AND told_late_at IS NULL
            ORDER BY due_at
            LIMIT %(at_once)s
              FOR UPDATE SKIP LOCKED)
RETURNING product_id, event_number
