-- insert_batch --
-- A batch without packs yet; nothing happens where it is there already.
INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max,
                   serial_format)
VALUES (%(product_id)s, %(batch)s, %(expiry)s, %(now)s, 0, %(length_min)s, %(length_max)s, %(serial_format)s)
    ON CONFLICT (product_id, batch) DO NOTHING

-- lock_batch --
-- A batch, locked so that uploads into it come one after the other and never meet a recall.
SELECT batch_id, expiry, recalled_at, recall_reason, pack_count
  FROM batch
 WHERE (product_id, batch) = (%(product_id)s, %(batch)s)
   FOR NO KEY UPDATE

-- recall_batch --
-- Marks a batch as recalled, which nothing takes back.
UPDATE batch SET recalled_at = %(now)s, recall_reason = %(reason)s
 WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s AND recalled_at IS NULL
RETURNING recalled_at

-- correct_batch --
-- Puts another number and expiry date in the place of a batch's; open alerts see by the count that something is new.
UPDATE batch
   SET batch = %(new_batch)s, expiry = %(new_expiry)s, corrections = least(corrections + 1, 32767), corrected_at = %(now)s
 WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s

-- was_corrected --
-- Whether a batch that had this number was given that one.
SELECT EXISTS (
    SELECT FROM batch_event
     WHERE product_id = %(product_id)s AND change = 'batch_corrected' AND batch = %(batch)s
       AND master_data ->> 'previous_batch' = %(previous)s)

-- complete_batch --
-- What is known of all serial numbers of a batch; operation codes 41020007 to 41020012 compare with it.
UPDATE batch
   SET pack_count = pack_count + %(pack_count)s,
       serial_length_min = least(serial_length_min, %(length_min)s),
       serial_length_max = greatest(serial_length_max, %(length_max)s),
       serial_format = serial_format | %(serial_format)s
 WHERE product_id = %(product_id)s AND batch_id = %(batch_id)s

-- find_upload --
-- When the very same content was uploaded into this batch, if it was.
SELECT recorded_at FROM upload
 WHERE (product_id, batch_id, content_sha256) = (%(product_id)s, %(batch_id)s, %(content_sha256)s)

-- insert_upload --
-- The record of an upload, which also tells it from a new one when it is sent again.
INSERT INTO upload (product_id, batch_id, content_sha256, pack_count, organisation_id, equipment_id, transaction_id,
                    recorded_at)
VALUES (%(product_id)s, %(batch_id)s, %(content_sha256)s, %(pack_count)s, %(organisation_id)s, %(equipment_id)s,
        %(transaction_id)s, %(now)s)

-- read_batches --
-- What has been uploaded for a product: the batch asked for, or all, the latest first.
SELECT batch, expiry, pack_count, uploaded_at, recalled_at, recall_reason,
       ARRAY(SELECT recorded_at FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id DESC LIMIT %(uploads_max)s),
       ARRAY(SELECT upload.pack_count FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id DESC LIMIT %(uploads_max)s),
       ARRAY(SELECT transaction_id::text FROM upload
              WHERE upload.product_id = batch.product_id AND upload.batch_id = batch.batch_id
              ORDER BY upload_id DESC LIMIT %(uploads_max)s),
       ARRAY(SELECT jsonb_build_object('recorded_at', recorded_at, 'reason', reason, 'transaction_id', transaction_id)
                    || master_data
               FROM batch_event
              WHERE batch_event.product_id = batch.product_id AND change = 'batch_corrected'
                AND (master_data ->> 'batch_id')::integer = batch.batch_id
              ORDER BY event_number DESC LIMIT %(uploads_max)s)
  FROM batch
 WHERE product_id = %(product_id)s AND (%(batch)s::text IS NULL OR batch = %(batch)s)
 ORDER BY batch_id DESC
 LIMIT %(batches_max)s
