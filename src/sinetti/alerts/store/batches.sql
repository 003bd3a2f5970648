-- batches_asked_for --
-- What is known of each of these batches of a product, in their order; a row for those that nobody uploaded, too.
SELECT wanted.batch, batch.batch_id, batch.uploaded_at, batch.expiry, batch.pack_count, batch.recalled_at,
       batch.recall_reason, product.withdrawn_at,
       ARRAY(SELECT recorded_at FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id LIMIT %(uploads_max)s),
       ARRAY(SELECT upload.pack_count FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id LIMIT %(uploads_max)s),
       ARRAY(SELECT transaction_id FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id LIMIT %(uploads_max)s),
       ARRAY(SELECT jsonb_build_object('corrected_at', recorded_at, 'reason', reason) || master_data
               FROM batch_event
              WHERE batch_event.product_id = batch.product_id AND change = 'batch_corrected'
                AND (master_data ->> 'batch_id')::integer = batch.batch_id
              ORDER BY event_number LIMIT %(uploads_max)s)
  FROM unnest(%(batches)s::text[]) WITH ORDINALITY AS wanted (batch, place)
  LEFT JOIN batch ON batch.product_id = %(product_id)s AND batch.batch = wanted.batch
  LEFT JOIN product ON product.product_id = batch.product_id
 ORDER BY wanted.place

-- states_of_packs --
-- How many packs of the batch are in each state. The whole batch is read: a block range index finds where it lies.
SELECT state, count(*) FROM pack WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s GROUP BY state
