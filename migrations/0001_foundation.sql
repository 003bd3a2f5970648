-- Organisations, products, batches, packs and the record of every operation.
-- Why the tables look as they do: docs/adr/0003 (packs) and docs/adr/0004 (events).

-- ---------------------------------------------------------------- identity

CREATE TABLE organisation (
    organisation_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL CHECK (name <> ''),
    kind            text NOT NULL
                    CHECK (kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler', 'mah_obp')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    locked_at       timestamptz,
    lock_reason     text,
    CHECK ((locked_at IS NULL) = (lock_reason IS NULL))
);

CREATE TABLE location (
    location_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisation,
    name            text NOT NULL CHECK (name <> ''),
    created_at      timestamptz NOT NULL DEFAULT now(),
    locked_at       timestamptz,
    lock_reason     text,
    CHECK ((locked_at IS NULL) = (lock_reason IS NULL))
);
CREATE INDEX location_of_organisation ON location (organisation_id);

-- Secrets are 256 random bits, so their SHA-256 is enough: there is nothing to guess (docs/adr/0005). The record of
-- packs names equipment for years, so deleted equipment stays as a row, without its secret; its client id is free
-- again. What changes with each request (last use, software seen) must not be kept here: each change of this table
-- makes every process ask again who its callers are.
CREATE TABLE client_equipment (
    equipment_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location_id     integer NOT NULL REFERENCES location,
    name            text NOT NULL CHECK (name <> ''),
    client_id       text COLLATE "C" NOT NULL CHECK (client_id <> ''),
    secret_sha256   bytea CHECK (octet_length(secret_sha256) = 32),
    client_role     text CHECK (client_role IN ('full_access', 'verify_only')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    locked_at       timestamptz,
    lock_reason     text,
    deleted_at      timestamptz,
    CHECK ((locked_at IS NULL) = (lock_reason IS NULL)),
    CHECK ((deleted_at IS NULL) = (secret_sha256 IS NOT NULL))
);
CREATE INDEX client_equipment_of_location ON client_equipment (location_id);
CREATE UNIQUE INDEX client_equipment_client_id ON client_equipment (client_id) WHERE deleted_at IS NULL;

CREATE TABLE access_token (
    token_sha256    bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    equipment_id    integer NOT NULL REFERENCES client_equipment ON DELETE CASCADE,
    issued_at       timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL
);
CREATE INDEX access_token_of_equipment ON access_token (equipment_id);
CREATE INDEX access_token_expiry ON access_token (expires_at);

-- Every process remembers who its callers are for as long as this number stays the same. The triggers see each
-- change, whoever makes it and by whatever way, so that a lock is noticed everywhere within a second.
CREATE TABLE identity_epoch (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch           bigint NOT NULL
);
INSERT INTO identity_epoch (epoch) VALUES (1);

CREATE FUNCTION advance_identity_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE identity_epoch SET epoch = epoch + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER organisation_changed AFTER UPDATE OR DELETE OR TRUNCATE ON organisation
    FOR EACH STATEMENT EXECUTE FUNCTION advance_identity_epoch();
CREATE TRIGGER location_changed AFTER UPDATE OR DELETE OR TRUNCATE ON location
    FOR EACH STATEMENT EXECUTE FUNCTION advance_identity_epoch();
CREATE TRIGGER client_equipment_changed AFTER UPDATE OR DELETE OR TRUNCATE ON client_equipment
    FOR EACH STATEMENT EXECUTE FUNCTION advance_identity_epoch();

-- A token taken back before its time must be forgotten everywhere too; one that had expired is remembered nowhere.
CREATE FUNCTION advance_identity_epoch_for_living_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM token_before WHERE expires_at > now()) THEN
        UPDATE identity_epoch SET epoch = epoch + 1;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER access_token_taken_back AFTER DELETE ON access_token
    REFERENCING OLD TABLE AS token_before
    FOR EACH STATEMENT EXECUTE FUNCTION advance_identity_epoch_for_living_tokens();
CREATE TRIGGER access_token_changed AFTER UPDATE OR TRUNCATE ON access_token
    FOR EACH STATEMENT EXECUTE FUNCTION advance_identity_epoch();

-- ---------------------------------------------------------------- products, batches, packs

CREATE TABLE product (
    product_id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scheme          text NOT NULL CHECK (scheme IN ('gs1', 'ifa')),
    product_code    text COLLATE "C" NOT NULL,
    organisation_id integer NOT NULL REFERENCES organisation,
    name            text NOT NULL CHECK (name <> ''),
    common_name     text,
    form            text,
    strength        text,
    pack_type       text,
    pack_size       text,
    nhrn            text,
    mah_name        text,
    uploaded_at     timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    withdrawal_reason text,
    UNIQUE (product_code, scheme)
);

CREATE TABLE batch (
    product_id      integer NOT NULL REFERENCES product,
    batch_id        integer GENERATED ALWAYS AS IDENTITY,
    batch           text COLLATE "C" NOT NULL,
    expiry          text COLLATE "C" NOT NULL CHECK (expiry ~ '^[0-9]{6}$'),
    uploaded_at     timestamptz NOT NULL,
    recalled_at     timestamptz,
    recall_reason   text,
    pack_count      integer NOT NULL,
    serial_length_min smallint NOT NULL,
    serial_length_max smallint NOT NULL,
    serial_format   smallint NOT NULL,
    PRIMARY KEY (product_id, batch_id),
    UNIQUE (product_id, batch)
);

-- serial_key is the serial number as a 128-bit number that keeps its order (docs/adr/0003); sinetti_serial() below
-- shows it to a person. The columns stand in this order so that a row has no padding. A pack that is active has
-- NULL in the last four, which cost nothing then.
CREATE TABLE pack (
    serial_key      uuid NOT NULL,
    product_id      integer NOT NULL,
    batch_id        integer NOT NULL,
    decommissioned_at timestamptz,
    location_id     integer,
    state           "char",
    repeat_count    smallint,
    CONSTRAINT pack_key PRIMARY KEY (product_id, serial_key),
    CONSTRAINT pack_state_known CHECK (state IN ('s', 't', 'd', 'a', 'f', 'l', 'e', 'c', 'i')),
    CONSTRAINT pack_state_has_time CHECK ((state IS NULL) = (decommissioned_at IS NULL))
);
COMMENT ON COLUMN pack.state IS
    'NULL Active, s Supplied, t Stolen, d Destroyed, a Sample, f FreeSample, l Locked, e Exported, c CheckedOut, '
    'i decommissioned in another market';

CREATE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record in % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- One row for each accepted upload of serial numbers. The same content again finds its digest here and does nothing.
CREATE TABLE upload (
    product_id      integer NOT NULL REFERENCES product,
    upload_id       bigint GENERATED ALWAYS AS IDENTITY,
    batch_id        integer NOT NULL,
    content_sha256  bytea NOT NULL CHECK (octet_length(content_sha256) = 32),
    pack_count      integer NOT NULL,
    organisation_id integer NOT NULL,
    equipment_id    integer,
    transaction_id  uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (product_id, upload_id),
    UNIQUE (product_id, batch_id, content_sha256)
);

CREATE TRIGGER upload_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON upload
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- What was done to products and batches themselves: master data, recall, withdrawal, the list below. Append-only.
-- product_id is 0 where the product is not known: the list below may name any. `person` is set where somebody did
-- it on the operator's command line, and equipment where it came over the interface.
CREATE TABLE batch_event (
    product_id      integer NOT NULL,
    event_number    bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at     timestamptz NOT NULL,
    change          text NOT NULL
                    CHECK (change IN ('product_created', 'product_updated', 'product_withdrawn', 'batch_recalled',
                                      'non_fmd_added', 'non_fmd_removed')),
    scheme          text COLLATE "C" NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    batch           text COLLATE "C",
    reason          text,
    master_data     jsonb,
    organisation_id integer,
    equipment_id    integer,
    person          text,
    transaction_id  uuid NOT NULL,
    PRIMARY KEY (product_id, event_number)
);
COMMENT ON COLUMN batch_event.master_data IS 'All of it, as it was from then on';
CREATE TRIGGER batch_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- Batches that the operator has exempted, under the supervision of the authority (operation code 41020006).
CREATE TABLE non_fmd_batch (
    product_code    text COLLATE "C" NOT NULL,
    scheme          text NOT NULL CHECK (scheme IN ('gs1', 'ifa')),
    batch           text COLLATE "C" NOT NULL,
    risk_note       text NOT NULL,
    added_by        text NOT NULL,
    added_at        timestamptz NOT NULL,
    PRIMARY KEY (product_code, scheme, batch)
);

-- ---------------------------------------------------------------- the record

CREATE SEQUENCE pack_event_number;

-- Every operation on a pack, whatever came of it, and every change that an upload made to one. Append-only: the
-- trigger below refuses everything else. product_id is 0 where the product is not known, so that the column that
-- packs are distributed by is never NULL.
CREATE TABLE pack_event (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL DEFAULT nextval('pack_event_number'),
    recorded_at     timestamptz NOT NULL,
    serial_key      uuid,
    transaction_id  uuid NOT NULL,
    bulk_id         uuid,
    equipment_id    integer,
    location_id     integer,
    organisation_id integer,
    operation       text COLLATE "C" NOT NULL,
    requested_state text COLLATE "C",
    operation_code  text COLLATE "C",
    hub_code        text COLLATE "C",
    level           smallint,
    state_before    text COLLATE "C",
    state_after     text COLLATE "C",
    scheme          text COLLATE "C" NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    serial_number   text COLLATE "C" NOT NULL,
    batch           text COLLATE "C",
    expiry          text COLLATE "C",
    entry_mode      text COLLATE "C",
    api_version     text COLLATE "C",
    user_agent      text COLLATE "C",
    source_address  text COLLATE "C",
    alert_id        text COLLATE "C",
    rules_version   text COLLATE "C" NOT NULL,
    reason          text
) PARTITION BY RANGE (recorded_at);
COMMENT ON TABLE pack_event IS 'Append-only record of every operation on a pack; partitions by month';

CREATE INDEX pack_event_of_pack ON pack_event (product_id, serial_key);

-- Catches what no month's partition takes, so that a missing partition never loses a supply.
CREATE TABLE pack_event_other PARTITION OF pack_event DEFAULT;

CREATE TRIGGER pack_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

CREATE FUNCTION ensure_pack_event_month(wanted timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', wanted AT TIME ZONE 'UTC')::date;
    partition_name text := 'pack_event_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF to_regclass(partition_name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF pack_event FOR VALUES FROM (%L) TO (%L)', partition_name,
                       first_day::text || ' 00:00+00', (first_day + interval '1 month')::date::text || ' 00:00+00');
    END IF;
END $$;

-- Alert ids are unique for ever. What becomes of an alert is not this table's matter.
CREATE TABLE alert (
    alert_id        text COLLATE "C" PRIMARY KEY CHECK (alert_id ~ '^[A-Z]{2}(-[2-9A-HJ-NP-Z]{3}){5}$'),
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    recorded_at     timestamptz NOT NULL
);
CREATE INDEX alert_time ON alert (recorded_at);

-- What operators and OBPs must hear (levels L3 to L5), written in the transaction of the event itself.
CREATE TABLE deviation_outbox (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    recorded_at     timestamptz NOT NULL,
    level           smallint NOT NULL,
    alert_id        text COLLATE "C",
    PRIMARY KEY (product_id, event_number)
);

-- ---------------------------------------------------------------- answers kept for a repeated request

CREATE TABLE idempotent_answer (
    equipment_id    integer NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    request_sha256  bytea NOT NULL,
    http_status     smallint,
    answer          bytea,
    transaction_id  uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (equipment_id, idempotency_key)
);
CREATE INDEX idempotent_answer_time ON idempotent_answer (recorded_at);

-- ---------------------------------------------------------------- bulk and recovery requests

CREATE TABLE bulk_request (
    bulk_id         uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('bulk', 'recovery')),
    equipment_id    integer NOT NULL,
    location_id     integer NOT NULL,
    organisation_id integer NOT NULL,
    requested_state text COLLATE "C",
    entry_mode      text COLLATE "C",
    language        text NOT NULL,
    api_version     text COLLATE "C",
    user_agent      text COLLATE "C",
    source_address  text COLLATE "C",
    transaction_id  uuid NOT NULL,
    pack_count      integer NOT NULL,
    received_at     timestamptz NOT NULL,
    eta             timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz
);
CREATE INDEX bulk_request_waiting ON bulk_request (received_at) WHERE finished_at IS NULL;
CREATE INDEX bulk_request_expiry ON bulk_request (expires_at);

-- A chunk is judged, recorded and answered in one transaction, so that a crash loses and repeats nothing.
CREATE TABLE bulk_chunk (
    bulk_id         uuid NOT NULL REFERENCES bulk_request ON DELETE CASCADE,
    chunk_number    integer NOT NULL,
    packs           bytea NOT NULL,
    results         bytea,
    PRIMARY KEY (bulk_id, chunk_number)
);

-- ---------------------------------------------------------------- reading by people

-- The serial number behind a key, for whoever looks into the tables: base 83, ten characters in each half.
CREATE FUNCTION sinetti_serial(key uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    alphabet constant text := '!"%&''()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
    hex constant text := replace(key::text, '-', '');
    half numeric;
    digits text;
    shown text := '';
BEGIN
    FOR part IN 0..1 LOOP
        half := 0;
        FOR i IN 1..16 LOOP
            half := half * 16 + position(substr(hex, part * 16 + i, 1) IN '0123456789abcdef') - 1;
        END LOOP;
        digits := '';
        FOR i IN 1..10 LOOP
            IF half % 83 > 0 THEN
                digits := substr(alphabet, (half % 83)::integer, 1) || digits;
            END IF;
            half := div(half, 83);
        END LOOP;
        shown := shown || digits;
    END LOOP;
    RETURN shown;
END $$;
