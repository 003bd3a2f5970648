-- by_location --
-- What each location asked for in a span of time, how many packs it supplied, and when it last asked.
SELECT location_id, count(*),
       count(*) FILTER (WHERE state_after = 'Supplied' AND state_before IS DISTINCT FROM 'Supplied'),
       max(recorded_at)
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND location_id IS NOT NULL
 GROUP BY location_id

-- by_company --
-- Operations on the products of each company in a span of time. Products first: they are few.
SELECT product.organisation_id, sum(counted.operations)::bigint
  FROM (SELECT product_id, count(*) AS operations
          FROM pack_event
         WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND location_id IS NOT NULL
         GROUP BY product_id) AS counted
  JOIN product USING (product_id)
 GROUP BY product.organisation_id

-- by_change --
-- What some locations asked for in a span of time, and the state that it gave a pack, where it changed one.
SELECT location_id, operation, CASE WHEN state_after IS DISTINCT FROM state_before THEN state_after END, count(*)
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND location_id IN (SELECT unnest(%(location_ids)s::integer[]))
 GROUP BY 1, 2, 3

-- undone --
-- Reactivations asked for in a span of time, by location: done or not, and what the EU Hub calls the refusal.
SELECT location_id, coalesce(state_after = 'Active' AND state_before IS DISTINCT FROM 'Active', false), hub_code, count(*)
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND operation = 'reactivate'
   AND location_id IS NOT NULL
 GROUP BY 1, 2, 3

-- after_taken_back --
-- What was asked in a span of time about packs of recalled batches and withdrawn products, by the codes that say so, and
-- about stolen packs; and how many packs were marked as stolen.
SELECT product_id, coalesce(batch, ''), operation_code, operation, state_before IS NOT DISTINCT FROM 'Stolen',
       state_after IS NOT DISTINCT FROM 'Stolen' AND state_before IS DISTINCT FROM 'Stolen', count(*),
       array_agg(DISTINCT location_id), min(recorded_at), max(recorded_at)
  FROM pack_event
 WHERE recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s AND location_id IS NOT NULL
   AND (operation_code = ANY (%(codes)s) OR state_before = 'Stolen' OR state_after = 'Stolen')
 GROUP BY 1, 2, 3, 4, 5, 6

-- supplied --
-- Packs supplied, and taken back after they had been, in a span of time: by month of the country, product, and region of
-- the location, which is the beginning of its postal code. No single pack leaves this statement (art. 39(b) and (c)).
SELECT to_char(event.recorded_at AT TIME ZONE %(zone)s, 'YYYY-MM'), event.product_id,
       coalesce(left(details.postal_code, %(digits)s), ''),
       count(*) FILTER (WHERE event.state_after = 'Supplied'), count(*) FILTER (WHERE event.state_after = 'Active')
  FROM pack_event AS event
  LEFT JOIN location_details AS details ON details.location_id = event.location_id
 WHERE event.recorded_at >= %(starts_at)s AND event.recorded_at < %(ends_at)s AND event.location_id IS NOT NULL
   AND ((event.state_after = 'Supplied' AND event.state_before IS DISTINCT FROM 'Supplied')
        OR (event.state_after = 'Active' AND event.state_before = 'Supplied'))
 GROUP BY 1, 2, 3
