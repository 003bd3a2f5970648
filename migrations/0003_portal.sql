-- What the portal needs beside people: the audit, one-time form keys, what is known of a location, who made equipment.
-- Why it looks as it does: docs/adr/0009.

-- The embedded PostgreSQL has no ICU, so the order of Finnish, Swedish and English letters is written down here: a
-- name becomes a text whose bytes sort as the language asks. In fi and sv å, ä and ö are letters of their own after z,
-- ü sorts as y, and w as v in fi; in en letters lose their marks. `en` also serves searches that forgive marks.
CREATE FUNCTION sinetti_sort_key(given text, language text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT AS $$
    SELECT (CASE language
        WHEN 'en' THEN translate(lowered, 'åäöæøüéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđ',
                                          'aaoaoueeeeaaaaiiiioooouuucnyszcszcld')
        WHEN 'sv' THEN translate(lowered, 'åäæöøüéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđ',
                                          '{||}}yeeeeaaaaiiiioooouuucnyszcszcld')
        ELSE           translate(lowered, 'åäæöøüwéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđ',
                                          '{||}}yveeeeaaaaiiiioooouuucnyszcszcld')
        END) COLLATE "C"
      FROM (SELECT translate(lower(given COLLATE "C"), 'ÅÄÖÆØÜÉÈÊËÁÀÂÃÍÌÎÏÓÒÔÕÚÙÛÇÑÝŠŽČŚŹĆŁĐ',
                                                       'åäöæøüéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđ') AS lowered) AS folded
$$;

-- Everything that is done in the portal, and by others to what the portal keeps. Written in the transaction of the
-- change. It names people by number and by name: the person may be gone when somebody asks. Append-only.
CREATE TABLE audit_entry (
    audit_number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at     timestamptz NOT NULL,
    transaction_id  uuid,
    actor           text NOT NULL CHECK (actor IN ('person', 'command_line', 'system')),
    user_id         integer,
    user_name       text NOT NULL,
    user_role       text,
    user_organisation_id integer,
    session_id      text,
    source_address  text,
    action          text NOT NULL CHECK (action ~ '^[a-z_]+$'),
    object_kind     text NOT NULL CHECK (object_kind ~ '^[a-z_]+$'),
    object_id       text NOT NULL,
    object_name     text NOT NULL,
    organisation_id integer,
    location_id     integer,
    old_values      jsonb NOT NULL DEFAULT '{}',
    new_values      jsonb NOT NULL DEFAULT '{}',
    reason          text,
    ground          text,
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
);
COMMENT ON COLUMN audit_entry.organisation_id IS 'Whom it concerns; user_organisation_id is where the person belongs';
COMMENT ON COLUMN audit_entry.ground IS 'Why operational data was read: an alert id or a written consent (Art. 38(2))';
CREATE INDEX audit_entry_of_organisation ON audit_entry (organisation_id, audit_number);
CREATE INDEX audit_entry_of_location ON audit_entry (location_id, audit_number);
CREATE INDEX audit_entry_of_object ON audit_entry (object_kind, object_id, audit_number);
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- Each form that makes something carries a key that is good once. The second submit finds the first one's result.
CREATE TABLE form_key (
    form_key        uuid PRIMARY KEY,
    session_id      text NOT NULL,
    used_at         timestamptz NOT NULL,
    result_path     text
);
CREATE INDEX form_key_age ON form_key (used_at);

-- What is known of a location beside its name. A table of its own: each change of `location` makes every process ask
-- again who its callers are, and an address is not worth that. `state` is the state of the contract; a lock is a
-- matter of the table `location`, and goes before the state when it is shown. A location without a row here was
-- registered on the command line: it counts as approved.
CREATE TABLE location_details (
    location_id     integer PRIMARY KEY REFERENCES location ON DELETE CASCADE,
    kind            text CHECK (kind IN ('pharmacy', 'subsidiary_pharmacy', 'service_point', 'online_pharmacy',
                                         'hospital_pharmacy', 'medical_depot', 'wholesale_site', 'manufacturing_site',
                                         'office')),
    gln             text COLLATE "C",
    street          text,
    postal_code     text,
    city            text,
    country         text COLLATE "C" CHECK (country ~ '^[A-Z]{2}$'),
    languages       text[] NOT NULL DEFAULT '{}' CHECK (languages <@ ARRAY['fi', 'sv', 'en']),
    contact_name    text,
    contact_email   text,
    contact_phone   text,
    state           text NOT NULL DEFAULT 'approved' CHECK (state IN ('applied', 'approved', 'returned', 'closed')),
    state_reason    text,
    state_at        timestamptz NOT NULL,
    legitimacy_checked_at timestamptz,
    -- GS1 General Specifications, 7.9: weights 1 and 3 in turn from the left, and the sum is a multiple of ten.
    CONSTRAINT gln_check_digit CHECK (
        gln ~ '^[0-9]{13}$'
        AND (substr(gln, 1, 1)::int + substr(gln, 3, 1)::int + substr(gln, 5, 1)::int + substr(gln, 7, 1)::int
             + substr(gln, 9, 1)::int + substr(gln, 11, 1)::int + substr(gln, 13, 1)::int
             + 3 * (substr(gln, 2, 1)::int + substr(gln, 4, 1)::int + substr(gln, 6, 1)::int + substr(gln, 8, 1)::int
                    + substr(gln, 10, 1)::int + substr(gln, 12, 1)::int)) % 10 = 0)
);
CREATE UNIQUE INDEX location_details_gln ON location_details (gln) WHERE state <> 'closed';

-- Who made a piece of client equipment, and when it was last seen with which software. Beside `client_equipment` for
-- the same reason as above. `last_used_at` moves at most once a minute.
CREATE TABLE client_equipment_details (
    equipment_id    integer PRIMARY KEY REFERENCES client_equipment ON DELETE CASCADE,
    created_by      integer,
    created_by_name text,
    last_used_at    timestamptz,
    user_agent      text,
    api_version     text
);
CREATE INDEX client_equipment_details_last_used ON client_equipment_details (last_used_at);
