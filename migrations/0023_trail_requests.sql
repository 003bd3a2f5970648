-- The operator of one country asks that of another for its part of a pack's trail (docs/adr/0022). `carrier` says what carries
-- the request: today people do, by hand. How it stands is here; what was said at each step is in `trail_request_step`.
CREATE TABLE trail_request (
    product_id      integer NOT NULL,
    request_id      bigint GENERATED ALWAYS AS IDENTITY,
    event_number    bigint NOT NULL,
    country         text COLLATE "C" NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    state           text NOT NULL CHECK (state IN ('asked', 'sent', 'answered', 'refused', 'withdrawn')),
    carrier         text NOT NULL,
    asked_at        timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    PRIMARY KEY (product_id, request_id),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
-- A country that has not answered yet is not asked again for the same alert.
CREATE UNIQUE INDEX trail_request_open ON trail_request (product_id, event_number, country)
    WHERE state IN ('asked', 'sent');
CREATE INDEX trail_request_of_alert ON trail_request (product_id, event_number, request_id);
CREATE INDEX trail_request_due ON trail_request (due_at) WHERE state IN ('asked', 'sent');

CREATE TABLE trail_request_step (
    product_id      integer NOT NULL,
    step_number     bigint GENERATED ALWAYS AS IDENTITY,
    request_id      bigint NOT NULL,
    recorded_at     timestamptz NOT NULL,
    step            text NOT NULL,
    state           text NOT NULL,
    said            text,
    party           text NOT NULL,
    user_id         integer,
    equipment_id    integer,
    user_name       text NOT NULL,
    PRIMARY KEY (product_id, step_number),
    FOREIGN KEY (product_id, request_id) REFERENCES trail_request,
    CHECK (user_id IS NOT NULL OR equipment_id IS NOT NULL)
);
CREATE INDEX trail_request_step_of_request ON trail_request_step (product_id, request_id, step_number);
CREATE TRIGGER trail_request_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trail_request_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- The history of an alert tells of it. What an older version writes meanwhile fits the wider check as well.
ALTER TABLE alert_history
    DROP CONSTRAINT alert_history_change_check,
    ADD CONSTRAINT alert_history_change_check
        CHECK (change IN ('received', 'status', 'investigation', 'classification', 'case', 'analysis', 'defect',
                          'set_aside', 'trail_read', 'trail_request')) NOT VALID;
ALTER TABLE alert_history VALIDATE CONSTRAINT alert_history_change_check;
