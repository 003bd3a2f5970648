-- Handing a client secret to the IT supplier: a link that opens once, with a code that is told another way.
-- The secret is sealed with a key made of the link and the code, and neither is here (docs/adr/0011).
CREATE TABLE equipment_handover (
    handover_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    equipment_id    integer NOT NULL REFERENCES client_equipment ON DELETE CASCADE,
    token_sha256    bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    sealed_secret   bytea,
    made_by_name    text NOT NULL,
    made_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    wrong_codes     smallint NOT NULL DEFAULT 0,
    opened_at       timestamptz,
    opened_by_name  text,
    opened_from     text,
    ended_at        timestamptz,
    CHECK ((opened_at IS NULL) = (opened_by_name IS NULL)),
    CHECK (ended_at IS NULL OR sealed_secret IS NULL)
);
CREATE INDEX equipment_handover_of_equipment ON equipment_handover (equipment_id);
COMMENT ON COLUMN equipment_handover.sealed_secret IS 'NULL once it has been opened, withdrawn or guessed at too often';
