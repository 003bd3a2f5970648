-- Telling other systems what happened: signed requests to an address that an organisation names (docs/adr/0017).

-- The secret signs, so it must be read again: it is sealed with a key that is not in the database. While it is being
-- changed the former one signs, too. `ended_at` takes an endpoint out of use for ever; `paused_at` stops it until
-- somebody looks, as the receiver asked (410 Gone) or nothing got through for days.
CREATE TABLE webhook_endpoint (
    endpoint_id     uuid PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    address         text NOT NULL CHECK (address ~ '^https?://'),
    sealed_secret   bytea NOT NULL,
    sealed_former_secret bytea,
    former_until    timestamptz,
    created_at      timestamptz NOT NULL,
    created_by_name text NOT NULL,
    proven_at       timestamptz,
    replaces        uuid REFERENCES webhook_endpoint,
    paused_at       timestamptz,
    pause_reason    text,
    ended_at        timestamptz,
    CHECK ((sealed_former_secret IS NULL) = (former_until IS NULL)),
    CHECK ((paused_at IS NULL) = (pause_reason IS NULL))
);
COMMENT ON COLUMN webhook_endpoint.proven_at IS 'When it first took a message; before, it gets nothing but the test';
CREATE INDEX webhook_endpoint_of_organisation ON webhook_endpoint (organisation_id) WHERE ended_at IS NULL;

-- What happened, once for each organisation that hears of it. Whoever has no endpoint, or one that was away, asks for
-- these rows in the order of their numbers, so that nothing is lost.
CREATE TABLE webhook_message (
    organisation_id integer NOT NULL REFERENCES organisation,
    message_number  bigint GENERATED ALWAYS AS IDENTITY,
    message_id      uuid NOT NULL UNIQUE,
    kind            text NOT NULL CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)*$'),
    occurred_at     timestamptz NOT NULL,
    body            jsonb NOT NULL,
    PRIMARY KEY (organisation_id, message_number)
);
CREATE INDEX webhook_message_time ON webhook_message (occurred_at);

CREATE TABLE webhook_delivery (
    message_id      uuid NOT NULL REFERENCES webhook_message (message_id) ON DELETE CASCADE,
    endpoint_id     uuid NOT NULL REFERENCES webhook_endpoint,
    attempts        smallint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    delivered_at    timestamptz,
    given_up_at     timestamptz,
    PRIMARY KEY (message_id, endpoint_id),
    CHECK (delivered_at IS NULL OR given_up_at IS NULL)
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (endpoint_id, next_attempt_at)
    WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- The delivery log: what was tried and what came of it. It holds nothing of what was sent or answered.
CREATE TABLE webhook_attempt (
    endpoint_id     uuid NOT NULL REFERENCES webhook_endpoint,
    attempt_number  bigint GENERATED ALWAYS AS IDENTITY,
    message_id      uuid NOT NULL,
    attempted_at    timestamptz NOT NULL,
    milliseconds    integer NOT NULL,
    http_status     smallint,
    fault           text,
    PRIMARY KEY (endpoint_id, attempt_number)
);
CREATE INDEX webhook_attempt_time ON webhook_attempt (attempted_at);
