-- record_change --
-- Who recalled, corrected, withdrew or listed what, and why.
INSERT INTO batch_event (product_id, recorded_at, change, scheme, product_code, batch, reason, master_data,
                         organisation_id, equipment_id, person, transaction_id)
VALUES (%(product_id)s, %(now)s, %(change)s, %(scheme)s, %(product_code)s, %(batch)s, %(reason)s,
        %(details)s, %(organisation_id)s, %(equipment_id)s, %(person)s, %(transaction_id)s)
