-- list_keys --
-- Which alerts a search finds. The store puts reach, filters and order to the end of it.
SELECT file.product_id, file.event_number, file.recorded_at, file.product_code
  FROM alert_file AS file
 WHERE true
