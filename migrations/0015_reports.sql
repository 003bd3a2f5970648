-- no transaction
-- statement_timeout: 30min

-- What operators' tools fetch: alerts of a time window, and reports (docs/adr/0015). Statement by statement, so that the
-- record takes new events while its months get their indexes: only the month that is being written waits, a second or so
-- for each gigabyte that it has. Everything here can be done again.

-- The operator's and the authority's own systems. Which interfaces each kind may call: rules/tables/organisation_kinds.csv.
ALTER TABLE organisation
    DROP CONSTRAINT IF EXISTS organisation_kind_check,
    ADD CONSTRAINT organisation_kind_check
        CHECK (kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler', 'mah_obp', 'operator', 'authority'));
ALTER TABLE announcement
    DROP CONSTRAINT IF EXISTS announcement_audience_check,
    ADD CONSTRAINT announcement_audience_check
        CHECK (audience <@ ARRAY['pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler', 'mah_obp', 'operator',
                                 'authority']);

-- Who asked for what, and when it was made. Rows stay when the content has expired: they tell who got operational data
-- (Delegated Regulation (EU) 2016/161 art. 38). A snapshot of a day is made by the system itself, and is for every client
-- of the interface. `attempts` counts beginnings; content belongs to the one that came to its end.
CREATE TABLE IF NOT EXISTS report_request (
    request_id      uuid PRIMARY KEY,
    report_type     text COLLATE "C" NOT NULL CHECK (report_type <> ''),
    title           text,
    requested_by    text,
    parameters      jsonb NOT NULL,
    starts_at       timestamptz,
    ends_at         timestamptz,
    language        text NOT NULL CHECK (language IN ('fi', 'sv', 'en')),
    equipment_id    integer,
    organisation_id integer,
    snapshot_day    date,
    source_address  text,
    requested_at    timestamptz NOT NULL,
    events_expected bigint NOT NULL,
    eta             timestamptz NOT NULL,
    attempts        smallint NOT NULL DEFAULT 0,
    started_at      timestamptz,
    finished_at     timestamptz,
    given_up_at     timestamptz,
    finished_attempt smallint,
    events_read     bigint,
    row_count       bigint,
    is_truncated    boolean NOT NULL DEFAULT false,
    is_over_limit   boolean NOT NULL DEFAULT false,
    full_asked_at   timestamptz,
    workbook_asked_at timestamptz,
    workbook_finished_at timestamptz,
    expires_at      timestamptz NOT NULL,
    removed_at      timestamptz,
    CHECK ((equipment_id IS NULL) = (snapshot_day IS NOT NULL)),
    CHECK (finished_at IS NULL OR given_up_at IS NULL),
    CHECK ((finished_at IS NULL) = (finished_attempt IS NULL))
);
CREATE INDEX IF NOT EXISTS report_request_time ON report_request (requested_at);
CREATE INDEX IF NOT EXISTS report_request_waiting ON report_request (requested_at)
    WHERE finished_at IS NULL AND given_up_at IS NULL;
CREATE INDEX IF NOT EXISTS report_request_expiry ON report_request (expires_at) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS report_request_snapshot ON report_request (report_type, snapshot_day);
COMMENT ON COLUMN report_request.report_type IS 'As in the reporting interface; `alerts` for a window of the alerts interface';

-- Content, in pieces that are compressed already.
CREATE TABLE IF NOT EXISTS report_piece (
    request_id      uuid NOT NULL REFERENCES report_request,
    form            text COLLATE "C" NOT NULL CHECK (form IN ('csv', 'xlsx', 'alerts')),
    attempt         smallint NOT NULL,
    piece_number    integer NOT NULL,
    content         bytea NOT NULL,
    PRIMARY KEY (request_id, form, attempt, piece_number)
);
ALTER TABLE report_piece ALTER COLUMN content SET STORAGE EXTERNAL;

-- The record by time: a few bytes for each megabyte of it, because it is written in the order of time. Alerts have an
-- index of their own, which costs nothing where there is none.
CREATE INDEX IF NOT EXISTS pack_event_time ON ONLY pack_event USING brin (recorded_at) WITH (autosummarize = on);
CREATE INDEX IF NOT EXISTS pack_event_alert_time ON ONLY pack_event (recorded_at, event_number) WHERE alert_id IS NOT NULL;

-- Semicolons stand at the beginning of lines, because a statement ends with one at the end of its line.
DO $$
DECLARE
    part record
    ; BEGIN
    FOR part IN SELECT inhrelid::regclass AS name, relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                 WHERE inhparent = 'pack_event'::regclass ORDER BY relname LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING brin (recorded_at) WITH (autosummarize = on)',
                       part.relname || '_time', part.name)
        ; EXECUTE format('ALTER INDEX pack_event_time ATTACH PARTITION %I', part.relname || '_time')
        ; COMMIT
        ; EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (recorded_at, event_number) WHERE alert_id IS NOT NULL',
                         part.relname || '_alert_time', part.name)
        ; EXECUTE format('ALTER INDEX pack_event_alert_time ATTACH PARTITION %I', part.relname || '_alert_time')
        ; COMMIT
    ; END LOOP
; END $$;
