-- Alerts and their cases: what is done about an alert after it was raised (docs/adr/0012).
-- `nmvs` writes `alert` and `deviation_outbox` in the transaction of the operation; all of this is made from there.
-- Keys begin with product_id, which is 0 where no one product is meant.

-- Alerts that are kin. `kin_key` is what they have in common, such as the pack; of one kin at most one case is open.
CREATE TABLE alert_case (
    product_id      integer NOT NULL,
    case_id         bigint GENERATED ALWAYS AS IDENTITY,
    kin             text NOT NULL CHECK (kin IN ('pack', 'batch', 'location')),
    kin_key         text COLLATE "C" NOT NULL,
    opened_at       timestamptz NOT NULL,
    last_alert_at   timestamptz NOT NULL,
    touched_at      timestamptz,
    closed_at       timestamptz,
    PRIMARY KEY (product_id, case_id)
);
COMMENT ON COLUMN alert_case.touched_at IS
    'When a person last did something in it. Until then alerts may move to another case as the analysis learns more';
CREATE UNIQUE INDEX alert_case_open_kin ON alert_case (product_id, kin_key) WHERE closed_at IS NULL;
CREATE INDEX alert_case_number ON alert_case (case_id);

-- What is known and done about one event: an alert, or a refusal that somebody asked to have investigated. The columns
-- up to `state_before` repeat the event, which never changes, so that lists need not look into the record.
CREATE TABLE alert_file (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    alert_id        text COLLATE "C",
    recorded_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    level           smallint NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    operation       text COLLATE "C" NOT NULL,
    operation_code  text COLLATE "C" NOT NULL,
    hub_code        text COLLATE "C",
    scheme          text COLLATE "C" NOT NULL,
    product_code    text COLLATE "C" NOT NULL,
    serial_key      uuid,
    serial_number   text COLLATE "C" NOT NULL,
    batch           text COLLATE "C",
    expiry          text COLLATE "C",
    entry_mode      text COLLATE "C",
    user_agent      text COLLATE "C",
    equipment_id    integer,
    location_id     integer,
    organisation_id integer,
    obp_organisation_id integer,
    state_before    text COLLATE "C",
    earlier_location_id integer,
    earlier_at      timestamptz,
    case_product_id integer NOT NULL,
    case_id         bigint NOT NULL,
    status          text NOT NULL DEFAULT 'new'
                    CHECK (status IN ('new', 'active', 'under_investigation', 'escalated', 'closed')),
    status_at       timestamptz NOT NULL,
    closing_reason  text,
    closing_comment text,
    closed_by_rule  text,
    classification  text NOT NULL DEFAULT 'potential_suspicion'
                    CHECK (classification IN ('potential_suspicion', 'suspicion', 'confirmed_falsification')),
    cause           text,
    cause_class     text,
    rule_id         text,
    confidence      smallint,
    analysed_at     timestamptz,
    analysis_wanted_at timestamptz,
    analysis_failures smallint NOT NULL DEFAULT 0,
    seen_events     integer NOT NULL DEFAULT 0,
    seen_pack_count integer,
    watched_key     uuid,
    changes         integer NOT NULL DEFAULT 0,
    PRIMARY KEY (product_id, event_number),
    FOREIGN KEY (case_product_id, case_id) REFERENCES alert_case (product_id, case_id),
    CHECK ((status = 'closed') = (closing_reason IS NOT NULL))
) WITH (fillfactor = 85);
COMMENT ON COLUMN alert_file.earlier_location_id IS 'Where the pack had got the state it was found in';
COMMENT ON COLUMN alert_file.watched_key IS 'Key of the pack that was likely meant: its success settles the alert';
COMMENT ON COLUMN alert_file.seen_events IS 'Events of the packs looked at since the alert, when it was last analysed';
COMMENT ON COLUMN alert_file.changes IS 'Grows with each change, so that two people notice each other';

CREATE UNIQUE INDEX alert_file_alert ON alert_file (product_id, alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX alert_file_of_case ON alert_file (case_product_id, case_id, recorded_at);
CREATE INDEX alert_file_status ON alert_file (status, recorded_at, event_number);
CREATE INDEX alert_file_of_location ON alert_file (location_id, status, recorded_at);
CREATE INDEX alert_file_of_organisation ON alert_file (organisation_id, status, recorded_at);
CREATE INDEX alert_file_of_obp ON alert_file (obp_organisation_id, status, recorded_at);
CREATE INDEX alert_file_of_batch ON alert_file (product_id, batch, status, recorded_at);
CREATE INDEX alert_file_of_pack ON alert_file (product_id, serial_key);
CREATE INDEX alert_file_open_age ON alert_file (recorded_at, event_number) WHERE status <> 'closed';
CREATE INDEX alert_file_analysis_wanted ON alert_file (analysis_wanted_at) WHERE analysis_wanted_at IS NOT NULL;

-- What each side says of the cause. No row: nothing yet.
CREATE TABLE alert_investigation (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    side            text NOT NULL CHECK (side IN ('end_user', 'mah', 'obp', 'nmvo')),
    status          text NOT NULL CHECK (status IN ('pending', 'no_cause_on_my_side', 'cause_on_my_side')),
    answered_at     timestamptz NOT NULL,
    PRIMARY KEY (product_id, event_number, side),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);

-- Every change of an alert or its case: who, when, why, and by which rule where no person did it. Append-only.
CREATE TABLE alert_history (
    product_id      integer NOT NULL,
    entry_number    bigint GENERATED ALWAYS AS IDENTITY,
    event_number    bigint,
    case_product_id integer NOT NULL,
    case_id         bigint NOT NULL,
    recorded_at     timestamptz NOT NULL,
    change          text NOT NULL
                    CHECK (change IN ('received', 'status', 'investigation', 'classification', 'case', 'analysis',
                                      'defect', 'set_aside', 'trail_read')),
    side            text,
    value_before    text,
    value_after     text NOT NULL,
    closing_reason  text,
    comment         text,
    party           text NOT NULL,
    user_id         integer,
    user_name       text,
    organisation_id integer,
    rule_id         text,
    rules_version   text NOT NULL,
    transaction_id  uuid,
    PRIMARY KEY (product_id, entry_number),
    CHECK ((party = 'system') = (user_id IS NULL))
);
CREATE INDEX alert_history_of_alert ON alert_history (product_id, event_number, entry_number);
CREATE INDEX alert_history_of_case ON alert_history (case_product_id, case_id, entry_number);
CREATE TRIGGER alert_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- Each analysis as it was, with the version of the rules that made it. Append-only. The latest counts.
CREATE TABLE alert_analysis (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    analysis_number bigint GENERATED ALWAYS AS IDENTITY,
    analysed_at     timestamptz NOT NULL,
    rules_version   text NOT NULL,
    analysis        jsonb NOT NULL,
    PRIMARY KEY (product_id, event_number, analysis_number),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
CREATE TRIGGER alert_analysis_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_analysis
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- When something is due of somebody. `met_at` is when it was done, or when it no longer mattered.
CREATE TABLE alert_deadline (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    deadline        text NOT NULL,
    side            text NOT NULL CHECK (side IN ('end_user', 'mah', 'obp', 'nmvo')),
    due_at          timestamptz NOT NULL,
    met_at          timestamptz,
    told_at         timestamptz,
    PRIMARY KEY (product_id, event_number, side, deadline),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
CREATE INDEX alert_deadline_due ON alert_deadline (due_at) WHERE met_at IS NULL AND told_at IS NULL;
CREATE INDEX alert_deadline_overdue ON alert_deadline (due_at) WHERE met_at IS NULL;

-- Words of a case. `location_id` is the one end user's conversation that it belongs to: users of one case never read
-- each other's; without one it goes to all. A note stays inside the organisation of whoever wrote it. Append-only.
CREATE TABLE case_message (
    product_id      integer NOT NULL,
    case_id         bigint NOT NULL,
    message_number  bigint GENERATED ALWAYS AS IDENTITY,
    sent_at         timestamptz NOT NULL,
    party           text NOT NULL,
    location_id     integer,
    is_note         boolean NOT NULL,
    body            text NOT NULL CHECK (body <> ''),
    user_id         integer NOT NULL,
    user_name       text NOT NULL,
    organisation_id integer,
    PRIMARY KEY (product_id, case_id, message_number),
    FOREIGN KEY (product_id, case_id) REFERENCES alert_case
);
CREATE TRIGGER case_message_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_message
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- The class 1 product defect process of a confirmed falsification (NMVO-0048 §6).
CREATE TABLE product_defect (
    product_id      integer NOT NULL,
    defect_id       bigint GENERATED ALWAYS AS IDENTITY,
    event_number    bigint NOT NULL,
    defect_class    smallint NOT NULL CHECK (defect_class BETWEEN 1 AND 3),
    opened_at       timestamptz NOT NULL,
    ended_at        timestamptz,
    PRIMARY KEY (product_id, defect_id),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
CREATE UNIQUE INDEX product_defect_open ON product_defect (product_id, event_number) WHERE ended_at IS NULL;

-- Packs that a location keeps apart because they must not be supplied.
CREATE TABLE set_aside_pack (
    product_id      integer NOT NULL,
    set_aside_id    bigint GENERATED ALWAYS AS IDENTITY,
    location_id     integer NOT NULL REFERENCES location,
    organisation_id integer NOT NULL,
    event_number    bigint,
    product_code    text COLLATE "C" NOT NULL,
    serial_number   text COLLATE "C" NOT NULL,
    batch           text COLLATE "C",
    expiry          text COLLATE "C",
    place           text,
    set_aside_at    timestamptz NOT NULL,
    set_aside_by    integer NOT NULL,
    set_aside_by_name text NOT NULL,
    ended_at        timestamptz,
    ended_as        text,
    end_comment     text,
    return_agreed   boolean NOT NULL DEFAULT false,
    ended_by        integer,
    ended_by_name   text,
    PRIMARY KEY (product_id, set_aside_id),
    CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX set_aside_pack_now ON set_aside_pack (location_id, product_id, serial_number) WHERE ended_at IS NULL;
CREATE INDEX set_aside_pack_of_location ON set_aside_pack (location_id, set_aside_at);
CREATE INDEX set_aside_pack_of_alert ON set_aside_pack (product_id, event_number);

-- What somebody must hear, until it is handed to mail, a webhook or a page. One row for each party and place.
CREATE TABLE alert_notice (
    product_id      integer NOT NULL,
    notice_number   bigint GENERATED ALWAYS AS IDENTITY,
    event_number    bigint NOT NULL,
    notice          text NOT NULL,
    party           text NOT NULL,
    organisation_id integer,
    location_id     integer,
    made_at         timestamptz NOT NULL,
    handed_over_at  timestamptz,
    PRIMARY KEY (product_id, notice_number)
);
CREATE INDEX alert_notice_waiting ON alert_notice (party, notice_number) WHERE handed_over_at IS NULL;

-- Teams share out the alerts of an organisation by market; without an organisation they are the operator's.
CREATE TABLE alert_team (
    team_id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer REFERENCES organisation,
    name            text NOT NULL CHECK (name <> ''),
    markets         text[] NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX alert_team_name ON alert_team (coalesce(organisation_id, 0), lower(name));
CREATE TABLE alert_team_member (
    team_id         integer NOT NULL REFERENCES alert_team ON DELETE CASCADE,
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX alert_team_member_person ON alert_team_member (user_id);

CREATE TABLE alert_filter (
    filter_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    name            text NOT NULL CHECK (name <> ''),
    query           text NOT NULL,
    UNIQUE (user_id, name)
);

-- Steps of the guidance that somebody has ticked off.
CREATE TABLE alert_step_done (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    side            text NOT NULL CHECK (side IN ('end_user', 'mah', 'obp', 'nmvo')),
    step            text NOT NULL,
    done_at         timestamptz NOT NULL,
    done_by         integer NOT NULL,
    PRIMARY KEY (product_id, event_number, side, step),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);

-- The record has no index by event number, and gets none for this: the outbox says under which key the event stands.
-- What an older version writes meanwhile, without it, is found more slowly.
ALTER TABLE deviation_outbox ADD COLUMN serial_key uuid, ADD COLUMN is_keyed boolean NOT NULL DEFAULT false;
UPDATE deviation_outbox SET serial_key = event.serial_key, is_keyed = true
  FROM pack_event AS event
 WHERE (event.product_id, event.event_number) = (deviation_outbox.product_id, deviation_outbox.event_number);
