-- Sums of a company's alerts by batch, so that its pages never look through all of them (docs/adr/0025). Whatever changes
-- what is counted notes the batch in the same transaction; a batch that was noted is counted anew as a whole before it is
-- shown. All of it is reckoned from the alerts and can be thrown away.
CREATE TABLE alert_batch_changed (
    organisation_id integer NOT NULL,
    change_number   bigint GENERATED ALWAYS AS IDENTITY,
    sums            text NOT NULL CHECK (sums IN ('batches', 'gaps', 'near_misses')),
    product_id      integer NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, change_number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE alert_batch_changed IS 'Sums of batches to count anew. A row for each change, so that nobody waits for another';
COMMENT ON COLUMN alert_batch_changed.batch IS 'As sent, or as meant for near misses; empty for none';

-- How each alert differs from what is stored, by the likeliest hypothesis of its latest analysis.
CREATE TABLE alert_difference (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    difference_number smallint NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    cause           text NOT NULL,
    difference      jsonb NOT NULL,
    PRIMARY KEY (product_id, event_number, difference_number),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
COMMENT ON COLUMN alert_difference.batch IS 'The uploaded batch where the analysis has found it, else the one that was sent';
COMMENT ON COLUMN alert_difference.difference IS 'Holds a stored value: only for those who may see it';
CREATE INDEX alert_difference_of_batch ON alert_difference (product_id, batch);

-- Open alerts of a company that name one batch.
CREATE TABLE alert_batch_sum (
    organisation_id integer NOT NULL,
    product_id      integer NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    alerts          integer NOT NULL,
    locations       integer NOT NULL,
    waiting         integer NOT NULL,
    overdue         integer NOT NULL,
    suspicions      integer NOT NULL,
    due_at          timestamptz,
    next_due_at     timestamptz,
    oldest_at       timestamptz NOT NULL,
    cause           text,
    PRIMARY KEY (organisation_id, product_id, batch)
);
COMMENT ON COLUMN alert_batch_sum.due_at IS 'When the earliest answer of the company is due';
COMMENT ON COLUMN alert_batch_sum.next_due_at IS 'From then on one more is overdue, and the batch has to be counted anew';
CREATE INDEX alert_batch_sum_next_due ON alert_batch_sum (organisation_id, next_due_at) WHERE next_due_at IS NOT NULL;

-- Gaps in the upload of a batch, of open and closed alerts.
CREATE TABLE alert_gap_sum (
    organisation_id integer NOT NULL,
    product_id      integer NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    gap             text NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    alerts          integer NOT NULL,
    open_alerts     integer NOT NULL,
    packs           integer NOT NULL,
    locations       integer NOT NULL,
    first_at        timestamptz NOT NULL,
    latest_at       timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, product_id, batch, gap)
);

-- Kinds of difference between what was sent and what is stored: of open alerts alone, and of all.
CREATE TABLE near_miss_sum (
    near_miss_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL,
    only_open       boolean NOT NULL,
    product_id      integer NOT NULL,
    batch           text COLLATE "C" NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    cause           text NOT NULL,
    field           text NOT NULL,
    how             text NOT NULL,
    places          text NOT NULL,
    alerts          integer NOT NULL,
    sent_values     integer NOT NULL,
    locations       integer NOT NULL,
    same_value_locations integer NOT NULL,
    latest_at       timestamptz NOT NULL,
    examples        jsonb NOT NULL
);
COMMENT ON COLUMN near_miss_sum.same_value_locations IS 'At how many locations the commonest wrong value came up';
COMMENT ON COLUMN near_miss_sum.examples IS 'Some wrong values beside what is stored: only for those who may see it';
CREATE INDEX near_miss_sum_of_batch ON near_miss_sum (organisation_id, product_id, batch);

CREATE FUNCTION is_gap(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN coalesce(cause IN ('batch_not_uploaded', 'partial_upload', 'late_upload', 'print_differs'), false);

CREATE FUNCTION note_alert_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
    SELECT NEW.obp_organisation_id, sums, NEW.product_id, coalesce(NEW.batch, '')
      FROM unnest(CASE WHEN is_gap(NEW.cause) THEN ARRAY['batches', 'gaps'] ELSE ARRAY['batches'] END) AS changed (sums);
    RETURN NULL;
END $$;

CREATE FUNCTION note_alert_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
    SELECT NEW.obp_organisation_id, sums, NEW.product_id, coalesce(NEW.batch, '')
      FROM unnest(CASE WHEN is_gap(NEW.cause) OR is_gap(OLD.cause)
                       THEN ARRAY['batches', 'gaps'] ELSE ARRAY['batches'] END) AS changed (sums);
    IF (OLD.status = 'closed') <> (NEW.status = 'closed') THEN
        INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
        SELECT DISTINCT NEW.obp_organisation_id, 'near_misses', NEW.product_id, batch FROM alert_difference
         WHERE (product_id, event_number) = (NEW.product_id, NEW.event_number);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION note_answer_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF changed.side = 'obp' THEN
        INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
        SELECT obp_organisation_id, 'batches', product_id, coalesce(batch, '') FROM alert_file
         WHERE (product_id, event_number) = (changed.product_id, changed.event_number)
           AND obp_organisation_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION keep_differences() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    company integer;
    named text;
BEGIN
    SELECT obp_organisation_id, coalesce(batch, '') INTO company, named FROM alert_file
     WHERE (product_id, event_number) = (NEW.product_id, NEW.event_number);
    IF company IS NULL THEN RETURN NULL; END IF;
    WITH gone AS (
        DELETE FROM alert_difference WHERE (product_id, event_number) = (NEW.product_id, NEW.event_number)
        RETURNING batch
    ),
    found AS (
        SELECT one.number, one.difference,
               coalesce(NEW.analysis #>> '{hypotheses,0,corrected,batch}', named) AS batch
          FROM jsonb_array_elements(NEW.analysis #> '{hypotheses,0,differences}') WITH ORDINALITY
               AS one (difference, number)
    )
    INSERT INTO alert_batch_changed (organisation_id, sums, product_id, batch)
    SELECT company, 'near_misses', NEW.product_id, batch
      FROM (SELECT batch FROM gone UNION SELECT batch FROM found) AS before_and_now;
    INSERT INTO alert_difference (product_id, event_number, difference_number, batch, cause, difference)
    SELECT NEW.product_id, NEW.event_number, one.number,
           coalesce(NEW.analysis #>> '{hypotheses,0,corrected,batch}', named),
           NEW.analysis #>> '{hypotheses,0,cause}', one.difference
      FROM jsonb_array_elements(NEW.analysis #> '{hypotheses,0,differences}') WITH ORDINALITY
           AS one (difference, number);
    RETURN NULL;
END $$;

-- Only what changes a sum: an alert that is to be analysed again, say, does not.
CREATE TRIGGER alert_file_added AFTER INSERT ON alert_file
    FOR EACH ROW WHEN (NEW.obp_organisation_id IS NOT NULL) EXECUTE FUNCTION note_alert_added();
CREATE TRIGGER alert_file_changed AFTER UPDATE ON alert_file
    FOR EACH ROW WHEN (NEW.obp_organisation_id IS NOT NULL
                       AND ((OLD.status = 'closed') <> (NEW.status = 'closed')
                            OR OLD.classification <> NEW.classification
                            OR OLD.cause IS DISTINCT FROM NEW.cause))
    EXECUTE FUNCTION note_alert_changed();
CREATE TRIGGER alert_investigation_changed AFTER INSERT OR UPDATE OF status OR DELETE ON alert_investigation
    FOR EACH ROW EXECUTE FUNCTION note_answer_change();
CREATE TRIGGER alert_deadline_changed AFTER INSERT OR UPDATE OF due_at, met_at OR DELETE ON alert_deadline
    FOR EACH ROW EXECUTE FUNCTION note_answer_change();
CREATE TRIGGER alert_analysis_differences AFTER INSERT ON alert_analysis
    FOR EACH ROW EXECUTE FUNCTION keep_differences();
