-- no transaction
-- statement_timeout: 30min

-- What lists of alerts are searched, filtered and sorted by. Each index is whole and not of open alerts only: an alert
-- stays in the list of all, and a filter with few open alerts and many closed ones is answered from the open ones.
-- One search looks at five columns at once, so each has an index that begins with it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_age ON alert_file (recorded_at, event_number);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_id ON alert_file (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_product ON alert_file (product_code, event_number);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_batch ON alert_file (batch, recorded_at) WHERE batch IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_serial ON alert_file (serial_number);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_kind ON alert_file (kind, recorded_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_cause ON alert_file (cause, recorded_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_software ON alert_file (user_agent, recorded_at)
    WHERE user_agent IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_file_by_equipment ON alert_file (equipment_id, recorded_at)
    WHERE equipment_id IS NOT NULL;
