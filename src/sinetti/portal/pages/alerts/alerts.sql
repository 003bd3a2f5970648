-- list_alerts --
-- What everybody sees of an alert. The reader's reach and filters are put to the end of it (`alerts.searching`).
SELECT file.event_number, file.product_id, coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS alert_id, file.recorded_at, file.kind, file.product_code, file.status, file.classification,
       file.cause,
       (SELECT name FROM product WHERE product.product_id = file.product_id) AS product_name,
       CASE WHEN %(places_shown)s
            THEN (SELECT name FROM location WHERE location.location_id = file.location_id) END AS location_name,
       (SELECT min(due_at) FROM alert_deadline AS deadline
         WHERE (deadline.product_id, deadline.event_number) = (file.product_id, file.event_number)
           AND deadline.side = %(own_side)s AND deadline.met_at IS NULL) AS due_at
  FROM alert_file AS file
 WHERE true
