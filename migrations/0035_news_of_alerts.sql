-- Whoever owes an answer is reminded before it is due (deadline_warnings.csv), and the operator of a request to another
-- country that was not answered in time. Each is told once; a deadline that begins anew is told of anew.
ALTER TABLE alert_deadline ADD COLUMN warned_at timestamptz;
CREATE INDEX alert_deadline_coming ON alert_deadline (due_at)
    WHERE met_at IS NULL AND told_at IS NULL AND warned_at IS NULL
      AND deadline IN ('expected_answer', 'close_without_answer');
ALTER TABLE trail_request ADD COLUMN told_late_at timestamptz;
