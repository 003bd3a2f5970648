-- Who takes care of an alert, within each organisation that it concerns: a team or a person of its own. One organisation
-- never learns whom another has assigned it to. 0 stands for the operator.
CREATE TABLE alert_assignment (
    product_id      integer NOT NULL,
    event_number    bigint NOT NULL,
    organisation_id integer NOT NULL,
    team_id         integer REFERENCES alert_team ON DELETE CASCADE,
    user_id         integer REFERENCES person ON DELETE CASCADE,
    assigned_at     timestamptz NOT NULL,
    assigned_by     integer NOT NULL,
    PRIMARY KEY (product_id, event_number, organisation_id),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file,
    CHECK ((team_id IS NULL) <> (user_id IS NULL))
);
CREATE INDEX alert_assignment_of_team ON alert_assignment (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX alert_assignment_of_person ON alert_assignment (user_id) WHERE user_id IS NOT NULL;
