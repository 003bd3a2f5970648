-- count_keys --
-- How many alerts a search finds. The store puts reach, filters and the most that is counted to the end of it.
SELECT count(*) FROM (SELECT FROM alert_file AS file WHERE true

-- list_keys --
-- Which alerts a search finds. The store puts reach, filters and order to the end of it.
SELECT file.product_id, file.event_number, file.recorded_at, file.product_code
  FROM alert_file AS file
 WHERE true
