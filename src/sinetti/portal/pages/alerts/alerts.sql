-- list_alerts --
-- What everybody sees of an alert. The alerts of a page, in its order.
SELECT file.event_number, file.product_id, coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS alert_id, file.recorded_at, file.kind, file.product_code, file.status, file.classification,
       file.cause,
       (SELECT name FROM product WHERE product.product_id = file.product_id) AS product_name,
       CASE WHEN %(places_shown)s
            THEN (SELECT name FROM location WHERE location.location_id = file.location_id) END AS location_name,
       (SELECT min(due_at) FROM alert_deadline AS deadline
         WHERE (deadline.product_id, deadline.event_number) = (file.product_id, file.event_number)
           AND deadline.side = %(own_side)s AND deadline.met_at IS NULL) AS due_at
  FROM unnest(%(product_ids)s::integer[], %(event_numbers)s::bigint[]) WITH ORDINALITY
       AS asked (product_id, event_number, place)
  JOIN alert_file AS file USING (product_id, event_number)
 ORDER BY asked.place

-- count_alerts --
-- How many alerts a search finds, up to a bound. Here and below, `where` is the reader's reach and the filters
-- (`alerts.searching`).
SELECT count(*) FROM (SELECT FROM alert_file AS file WHERE true {where} LIMIT %(counted_max)s + 1) AS counted

-- keys_of_many --
-- A page of what a search finds many of.
SELECT product_id, event_number FROM alert_file AS file WHERE true {where}
 ORDER BY {order}, event_number LIMIT %(page_rows)s OFFSET %(offset)s

-- keys_of_few --
-- A page of what a search finds few of: all are found first.
WITH found AS MATERIALIZED (
    SELECT product_id, event_number, recorded_at, product_code, status FROM alert_file AS file WHERE true {where}
)
SELECT product_id, event_number FROM found ORDER BY {order}, event_number LIMIT %(page_rows)s OFFSET %(offset)s
