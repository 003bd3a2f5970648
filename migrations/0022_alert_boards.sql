-- no transaction
-- statement_timeout: 30min

-- Sums of days, so that the operator's boards never look through alerts or the record (docs/adr/0021). All of it is
-- reckoned from them and can be thrown away: the worker counts whole days and hours anew.
CREATE TABLE IF NOT EXISTS alert_day (
    dimension       text COLLATE "C" NOT NULL CHECK (dimension IN ('all', 'batch', 'location', 'equipment', 'software',
                                                                   'company', 'cause', 'code')),
    day             date NOT NULL,
    key             text COLLATE "C" NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    alerts          integer NOT NULL,
    open_alerts     integer NOT NULL,
    false_alerts    integer NOT NULL,
    PRIMARY KEY (dimension, day, key, batch) INCLUDE (alerts, open_alerts, false_alerts)
);
COMMENT ON COLUMN alert_day.key IS 'Number, code or name of what the dimension is; the product code for a batch';
COMMENT ON COLUMN alert_day.batch IS 'For batches; else empty';

-- A period is summed up from the primary key alone, the trends of a few clusters are read from this.
CREATE INDEX IF NOT EXISTS alert_day_of_cluster ON alert_day (dimension, key, batch, day) INCLUDE (alerts);

-- The clusters with the most alerts of each period that boards show. `clusters` is how many there are in all.
CREATE TABLE IF NOT EXISTS alert_board (
    dimension       text COLLATE "C" NOT NULL,
    days            smallint NOT NULL,
    rank            smallint NOT NULL,
    key             text COLLATE "C" NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    alerts          integer NOT NULL,
    open_alerts     integer NOT NULL,
    false_alerts    integer NOT NULL,
    clusters        integer NOT NULL,
    last_day        date NOT NULL,
    PRIMARY KEY (dimension, days, rank)
);

CREATE TABLE IF NOT EXISTS alert_day_counted (
    day             date PRIMARY KEY,
    counted_at      timestamptz NOT NULL
);

-- Operations on packs. By the hour, so that of the day that runs only its end is counted again.
CREATE TABLE IF NOT EXISTS operation_hour (
    hour            timestamptz PRIMARY KEY,
    operations      bigint NOT NULL,
    counted_at      timestamptz NOT NULL
);

-- Which alerts have changed since: a few bytes for each megabyte, because both are written in the order of time.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_history_time ON alert_history USING brin (recorded_at)
    WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_analysis_time ON alert_analysis USING brin (analysed_at)
    WITH (pages_per_range = 16, autosummarize = on);

-- Deadlines missed, by side: counted up to a bound from the index alone.
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_deadline_late ON alert_deadline (side, due_at) WHERE met_at IS NULL;
