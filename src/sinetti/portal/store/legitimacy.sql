-- last_check --
-- The newest check of a location, and until when it holds.
SELECT checked_on, due_on,
       CASE WHEN due_on IS NULL THEN 'never'
            WHEN due_on < %(today)s THEN 'overdue'
            WHEN due_on <= %(notice_until)s THEN 'coming'
            ELSE 'done' END AS standing
  FROM (SELECT max(checked_on) AS checked_on, (max(checked_on) + make_interval(months => %(months)s))::date AS due_on
          FROM legitimacy_check
         WHERE location_id = %(location_id)s) AS newest

-- count_waiting --
-- Locations with a contract that wait for a check.
SELECT count(*) FILTER (WHERE due_on IS NULL) AS never,
       count(*) FILTER (WHERE due_on < %(today)s) AS overdue,
       count(*) FILTER (WHERE due_on BETWEEN %(today)s AND %(notice_until)s) AS coming
  FROM (SELECT (max(k.checked_on) + make_interval(months => %(months)s))::date AS due_on
          FROM location l
          LEFT JOIN location_details d USING (location_id)
          LEFT JOIN legitimacy_check k USING (location_id)
         WHERE coalesce(d.state, 'approved') = 'approved'
         GROUP BY l.location_id) AS each
