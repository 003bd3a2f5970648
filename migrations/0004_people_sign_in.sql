-- How people get in: passwords, the second factor, invitations, and the slow-down of guesses (docs/adr/0010).

ALTER TABLE person ADD COLUMN password_hash text;
COMMENT ON COLUMN person.password_hash IS 'Argon2id in PHC form; NULL until an invitation has been accepted';

-- A link that sets a password: at first, or when it was forgotten. What was used or has grown too old stays, so that
-- whoever opens it is told which of these it is.
CREATE TABLE person_invitation (
    token_sha256    bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz
);
CREATE INDEX person_invitation_of_person ON person_invitation (user_id);

-- The secret of an authenticator app, sealed with a key that is not in the database. `last_step` is the number of the
-- newest code that was accepted: no code is good twice (RFC 6238, 5.2).
CREATE TABLE person_totp (
    user_id         integer PRIMARY KEY REFERENCES person ON DELETE CASCADE,
    sealed_secret   bytea NOT NULL,
    set_at          timestamptz NOT NULL,
    last_step       bigint NOT NULL
);

CREATE TABLE person_recovery_code (
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    code_sha256     bytea NOT NULL CHECK (octet_length(code_sha256) = 32),
    used_at         timestamptz,
    PRIMARY KEY (user_id, code_sha256)
);

-- Browsers where somebody has signed in before: what others do elsewhere does not slow them down.
CREATE TABLE person_device (
    token_sha256    bytea NOT NULL CHECK (octet_length(token_sha256) = 32),
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    known_since     timestamptz NOT NULL,
    PRIMARY KEY (token_sha256, user_id)
);

-- Attempts, under a digest of what they have in common, so that no mail address stands here, known or not.
CREATE TABLE sign_in_attempts (
    bucket          bytea PRIMARY KEY CHECK (octet_length(bucket) = 32),
    attempts        integer NOT NULL,
    attempted_at    timestamptz NOT NULL,
    open_at         timestamptz NOT NULL
);
CREATE INDEX sign_in_attempts_age ON sign_in_attempts (attempted_at);
