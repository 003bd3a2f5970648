-- Photos of packs (NMVO-0048 §6.1). The file as it came is evidence: never changed, and never shown by a browser. What is
-- shown was made from its pixels. Read with the alert only, so that lists never touch it.
CREATE TABLE alert_photo (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    photo_id        uuid NOT NULL,
    taken_in_at     timestamptz NOT NULL,
    party           text NOT NULL,
    user_id         integer,
    user_name       text,
    organisation_id integer,
    by_link         boolean NOT NULL,
    source_address  text,
    sha256          bytea NOT NULL CHECK (octet_length(sha256) = 32),
    media_type      text NOT NULL,
    width           integer NOT NULL,
    height          integer NOT NULL,
    codes           text[] NOT NULL,
    remarks         text[] NOT NULL,
    original        bytea NOT NULL,
    shown           bytea NOT NULL,
    small           bytea NOT NULL,
    PRIMARY KEY (product_id, event_number, photo_id),
    UNIQUE (product_id, event_number, sha256),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
-- JPEG does not get smaller by being compressed again.
ALTER TABLE alert_photo ALTER COLUMN original SET STORAGE EXTERNAL;
ALTER TABLE alert_photo ALTER COLUMN shown SET STORAGE EXTERNAL;
ALTER TABLE alert_photo ALTER COLUMN small SET STORAGE EXTERNAL;
CREATE TRIGGER alert_photo_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_photo
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- A link that a telephone opens by the QR code on the screen: it takes photos for one alert, for a short time, and shows
-- nothing of it.
CREATE TABLE alert_photo_link (
    token_sha256    bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    party           text NOT NULL,
    user_id         integer NOT NULL,
    user_name       text NOT NULL,
    organisation_id integer,
    made_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
CREATE INDEX alert_photo_link_expiry ON alert_photo_link (expires_at);
