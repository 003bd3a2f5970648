-- What nobody heard of by mail, because the organisation or location has no people who can sign in and no address either.
ALTER TABLE alert_notice ADD COLUMN told_nobody boolean NOT NULL DEFAULT false;
CREATE INDEX alert_notice_told_nobody ON alert_notice (made_at) WHERE told_nobody;
CREATE INDEX alert_notice_told_nobody_of_alert ON alert_notice (product_id, event_number) WHERE told_nobody;

-- What goes with the next mail to the contact address of an organisation or location without such people; gone when that
-- has been queued.
CREATE TABLE notice_for_contact (
    product_id      integer NOT NULL,
    notice_number   bigint NOT NULL,
    event_number    bigint NOT NULL,
    notice          text NOT NULL,
    party           text NOT NULL CHECK (party IN ('end_user_location', 'end_user_organisation', 'obp')),
    organisation_id integer NOT NULL REFERENCES organisation,
    location_id     integer REFERENCES location,
    pace            text NOT NULL CHECK (pace IN ('at_once', 'gathered', 'daily')),
    made_at         timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    PRIMARY KEY (product_id, notice_number)
);
CREATE INDEX notice_for_contact_due ON notice_for_contact (due_at);
CREATE INDEX notice_for_contact_of ON notice_for_contact (organisation_id, party, location_id);
