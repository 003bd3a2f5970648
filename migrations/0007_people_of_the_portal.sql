-- What the pages about people need: who locked whom, when somebody was last here, what a session's list shows and why
-- a session ended, links for a forgotten password, and passkeys (docs/adr/0010).

-- A lock of the operator is the operator's to undo; locks from before are the operator's.
ALTER TABLE person ADD COLUMN locked_by_operator boolean NOT NULL DEFAULT true;
ALTER TABLE person ADD COLUMN last_signed_in_at timestamptz;
-- What a passkey calls its owner. It says nothing of the person (WebAuthn 3, 14.6.1).
ALTER TABLE person ADD COLUMN passkey_handle uuid NOT NULL DEFAULT gen_random_uuid();

ALTER TABLE person_session ADD COLUMN source_address text;
ALTER TABLE person_session ADD COLUMN user_agent text;
ALTER TABLE person_session ADD COLUMN last_seen_at timestamptz;
ALTER TABLE person_session ADD COLUMN ended_because text
    CHECK (ended_because IN ('signed_out', 'ended_elsewhere', 'password_changed', 'second_factor_changed', 'locked'));
COMMENT ON COLUMN person_session.last_seen_at IS 'Moves at most once a minute';

-- An invitation ends the one before it. A link for a forgotten password, which anybody can ask for, ends nothing.
ALTER TABLE person_invitation ADD COLUMN purpose text NOT NULL DEFAULT 'invitation'
    CHECK (purpose IN ('invitation', 'forgotten'));

CREATE TABLE person_passkey (
    passkey_id      text PRIMARY KEY,
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    credential_id   bytea NOT NULL UNIQUE,
    public_key      bytea NOT NULL,
    sign_count      bigint NOT NULL,
    transports      text[] NOT NULL DEFAULT '{}',
    name            text NOT NULL CHECK (name <> ''),
    added_at        timestamptz NOT NULL,
    last_used_at    timestamptz
);
CREATE INDEX person_passkey_of_person ON person_passkey (user_id);
COMMENT ON COLUMN person_passkey.sign_count IS 'A copy of the passkey shows by a count that does not grow';

-- A challenge is sealed and given to the browser; here are those that came back, so that each is good once.
CREATE TABLE passkey_challenge_used (
    challenge_sha256 bytea PRIMARY KEY CHECK (octet_length(challenge_sha256) = 32),
    used_at         timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_used_age ON passkey_challenge_used (used_at);
