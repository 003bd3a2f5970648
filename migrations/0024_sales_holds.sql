-- A company asks the distributors to hold a batch while it is investigated (NMVO-0048 v5.0 §6.2 MAH b; docs/adr/0024).
CREATE TABLE sales_hold (
    hold_id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    product_id      integer NOT NULL REFERENCES product,
    batch           text COLLATE "C" NOT NULL CHECK (batch <> ''),
    event_number    bigint,
    state           text NOT NULL CHECK (state IN ('asked', 'lifted')),
    state_at        timestamptz NOT NULL,
    reason          text NOT NULL CHECK (reason <> ''),
    asked_at        timestamptz NOT NULL,
    lift_reason     text,
    CHECK ((state = 'lifted') = (lift_reason IS NOT NULL))
);
COMMENT ON COLUMN sales_hold.organisation_id IS 'The company that asks; distributors are never shown it';
COMMENT ON COLUMN sales_hold.event_number IS 'The alert of the product that it was asked for, if for one';
CREATE UNIQUE INDEX sales_hold_now ON sales_hold (product_id, batch) WHERE state = 'asked';
CREATE INDEX sales_hold_of_company ON sales_hold (organisation_id, asked_at);

-- What each location of a distributor answers. The company is shown how many, never which.
CREATE TABLE sales_hold_answer (
    hold_id         integer NOT NULL REFERENCES sales_hold,
    location_id     integer NOT NULL REFERENCES location,
    organisation_id integer NOT NULL REFERENCES organisation,
    state           text NOT NULL CHECK (state IN ('asked', 'held', 'none_in_stock', 'released')),
    state_at        timestamptz NOT NULL,
    packs           integer CHECK (packs > 0),
    PRIMARY KEY (hold_id, location_id),
    CHECK ((state IN ('held', 'released')) = (packs IS NOT NULL))
);
CREATE INDEX sales_hold_answer_of_location ON sales_hold_answer (location_id, hold_id);
CREATE INDEX sales_hold_answer_of_organisation ON sales_hold_answer (organisation_id, hold_id);

-- Every step of a request and of its answers. Append-only.
CREATE TABLE sales_hold_history (
    hold_id         integer NOT NULL REFERENCES sales_hold,
    entry_number    bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at     timestamptz NOT NULL,
    step            text NOT NULL,
    location_id     integer,
    state_before    text,
    state_after     text NOT NULL,
    packs           integer,
    reason          text,
    user_id         integer NOT NULL,
    user_name       text NOT NULL,
    transaction_id  uuid,
    PRIMARY KEY (hold_id, entry_number)
);
CREATE TRIGGER sales_hold_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sales_hold_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();
