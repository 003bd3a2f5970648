-- A company corrects what it uploaded of a batch itself: its number or its expiry date (docs/adr/0028). `corrections`
-- counts them, so that open alerts notice that something about their batch is new.
ALTER TABLE batch ADD COLUMN corrections smallint NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN corrected_at timestamptz;
ALTER TABLE alert_file ADD COLUMN seen_corrections smallint;

-- The new rule is looser than the old, so that every row there is keeps it: nothing has to be read.
ALTER TABLE batch_event DROP CONSTRAINT batch_event_change_check;
ALTER TABLE batch_event ADD CONSTRAINT batch_event_change_check
    CHECK (change IN ('product_created', 'product_updated', 'product_withdrawn', 'batch_recalled', 'batch_corrected',
                      'non_fmd_added', 'non_fmd_removed')) NOT VALID;
ALTER TABLE batch_event VALIDATE CONSTRAINT batch_event_change_check;
COMMENT ON COLUMN batch_event.master_data IS
    'All of it, as it was from then on; of a corrected batch its number and expiry date before and after';
