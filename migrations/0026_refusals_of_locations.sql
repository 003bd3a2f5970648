-- no transaction
-- statement_timeout: 30min

-- Refusals that raised no alert, by location: whoever wants one of its own investigated finds it without its pack
-- (NMVO-0048 §6.8, §6.9). Supplies and alerts are not in it, so that it costs the pack path next to nothing. Statement by statement, as in 0015: only the month that is being written waits.
CREATE INDEX IF NOT EXISTS pack_event_refused ON ONLY pack_event (location_id, event_number)
    WHERE level IS NOT NULL AND alert_id IS NULL;

-- Semicolons stand at the beginning of lines, because a statement ends with one at the end of its line.
DO $$
DECLARE
    part record
    ; BEGIN
    FOR part IN SELECT inhrelid::regclass AS name, relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                 WHERE inhparent = 'pack_event'::regclass ORDER BY relname LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (location_id, event_number)'
                       ' WHERE level IS NOT NULL AND alert_id IS NULL', part.relname || '_refused', part.name)
        ; EXECUTE format('ALTER INDEX pack_event_refused ATTACH PARTITION %I', part.relname || '_refused')
        ; COMMIT
    ; END LOOP
; END $$;
