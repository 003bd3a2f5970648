-- People who sign in to the portal, and their sessions.

-- A person of an organisation names it; people of the operator and the authority belong to none. Roles are those of
-- identity/people/model.py. Nobody is deleted: the audit names them. `locked_at` is the operator's or main user's lock.
CREATE TABLE person (
    user_id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL CHECK (name <> ''),
    email           text NOT NULL CHECK (email <> ''),
    role            text NOT NULL
                    CHECK (role IN ('organisation_main_user', 'location_user', 'operator_administrator',
                                    'operator_support', 'mah_obp_main_user', 'mah_obp_investigator',
                                    'authority_inspector')),
    organisation_id integer REFERENCES organisation,
    language        text NOT NULL CHECK (language IN ('fi', 'sv', 'en')),
    created_at      timestamptz NOT NULL,
    locked_at       timestamptz,
    lock_reason     text,
    CHECK ((organisation_id IS NULL)
           = (role IN ('operator_administrator', 'operator_support', 'authority_inspector'))),
    CHECK ((locked_at IS NULL) = (lock_reason IS NULL))
);
CREATE UNIQUE INDEX person_email ON person (lower(email));
CREATE INDEX person_of_organisation ON person (organisation_id);

CREATE TABLE person_location (
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    location_id     integer NOT NULL REFERENCES location ON DELETE CASCADE,
    PRIMARY KEY (user_id, location_id)
);
CREATE INDEX person_location_location ON person_location (location_id);

-- Of the token that the browser has only the digest is kept; it is 256 random bits (docs/adr/0005). `session_id` names
-- the session where it is listed and in the audit, and opens nothing.
CREATE TABLE person_session (
    session_id      text PRIMARY KEY,
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    token_sha256    bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    csrf_token      text NOT NULL CHECK (csrf_token <> ''),
    started_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    second_factor_done boolean NOT NULL,
    must_set_second_factor boolean NOT NULL
);
CREATE INDEX person_session_of_person ON person_session (user_id);
CREATE INDEX person_session_expiry ON person_session (expires_at);
