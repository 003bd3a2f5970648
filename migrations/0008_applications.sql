-- Applications for what is a matter of contract, the change of IT system among them, and the facts that such a change is
-- followed by. Why it looks as it does: docs/adr/0018.

-- `asks` is what is applied for, by field, as it stands now; each step below keeps what it was then. A new location has no
-- number before it is approved. How far a change of IT system has come is not kept: it is seen from what has happened to
-- its client equipment.
CREATE TABLE application (
    application_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL
                    CHECK (kind IN ('new_location', 'change_of_contract', 'close_location', 'change_of_it_system')),
    organisation_id integer NOT NULL REFERENCES organisation,
    location_id     integer REFERENCES location,
    state           text NOT NULL CHECK (state IN ('applied', 'returned', 'approved', 'withdrawn')),
    asks            jsonb NOT NULL,
    applied_by      integer NOT NULL REFERENCES person,
    first_applied_at timestamptz NOT NULL,
    state_at        timestamptz NOT NULL,
    CHECK (location_id IS NOT NULL OR kind = 'new_location')
);
-- Of one kind one is open at a time: two main users who apply at once would have the operator decide twice.
CREATE UNIQUE INDEX application_open ON application (location_id, kind) WHERE state IN ('applied', 'returned');
CREATE INDEX application_of_organisation ON application (organisation_id, state_at);
CREATE INDEX application_of_location ON application (location_id, kind);
CREATE INDEX application_waiting ON application (state, state_at);

-- Each step of an application: who, when, why. Append-only.
CREATE TABLE application_step (
    application_id  integer NOT NULL REFERENCES application,
    step_number     bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at     timestamptz NOT NULL,
    step            text NOT NULL CHECK (step IN ('apply', 'return', 'approve', 'withdraw')),
    side            text NOT NULL CHECK (side IN ('applicant', 'operator')),
    user_id         integer NOT NULL,
    user_name       text NOT NULL,
    reason          text CHECK (reason <> ''),
    asks            jsonb NOT NULL,
    PRIMARY KEY (application_id, step_number)
);
CREATE TRIGGER application_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON application_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();

-- The client equipment that a change of IT system replaces. A location has others beside it that stay, such as
-- terminals for putting goods on shelves.
CREATE TABLE application_equipment (
    application_id  integer NOT NULL REFERENCES application,
    equipment_id    integer NOT NULL REFERENCES client_equipment,
    PRIMARY KEY (application_id, equipment_id)
);
CREATE INDEX application_equipment_of_equipment ON application_equipment (equipment_id);

-- Which reminder has been sent, so that it is sent once.
CREATE TABLE application_reminder (
    application_id  integer NOT NULL REFERENCES application,
    reminder        text NOT NULL CHECK (reminder ~ '^[a-z_]+$'),
    sent_at         timestamptz NOT NULL,
    PRIMARY KEY (application_id, reminder)
);

ALTER TABLE client_equipment_details
    ADD COLUMN first_worked_at timestamptz,
    ADD COLUMN refused_at timestamptz,
    ADD COLUMN handed_over_at timestamptz,
    ADD COLUMN handed_over_by_name text,
    ADD CONSTRAINT handed_over_by_somebody CHECK ((handed_over_at IS NULL) = (handed_over_by_name IS NULL));
COMMENT ON COLUMN client_equipment_details.first_worked_at IS
    'When an operation of its first succeeded: its answer was an information and not a warning';
COMMENT ON COLUMN client_equipment_details.refused_at IS
    'When it was last refused because of a lock. Moves at most once a minute';
COMMENT ON COLUMN client_equipment_details.handed_over_at IS
    'When somebody said that its secret has been handed over by another way than the link';
