-- What the operator keeps of organisations and locations beside their contract, and what it tells everybody.

-- Whom to reach. Beside `organisation` for the reason that `location_details` stands beside `location`: each change of
-- that table makes every process ask again who its callers are.
CREATE TABLE organisation_details (
    organisation_id integer PRIMARY KEY REFERENCES organisation ON DELETE CASCADE,
    business_id     text COLLATE "C" CHECK (business_id <> ''),
    contact_name    text,
    contact_email   text,
    contact_phone   text
);
CREATE UNIQUE INDEX organisation_details_business_id ON organisation_details (business_id);
COMMENT ON COLUMN organisation_details.business_id IS 'Its number in the trade register of its country, such as a Y-tunnus';

-- Identity, role and legitimacy of users are verified before and again (Delegated Regulation (EU) 2016/161 art. 37(b)):
-- who did it, when and how. Append-only: an inspector asks for all of it.
CREATE TABLE legitimacy_check (
    check_id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location_id     integer NOT NULL REFERENCES location,
    checked_on      date NOT NULL,
    checked_by      integer,
    checked_by_name text NOT NULL,
    method          text NOT NULL CHECK (method <> ''),
    document_reference text CHECK (document_reference <> ''),
    recorded_at     timestamptz NOT NULL
);
CREATE INDEX legitimacy_check_of_location ON legitimacy_check (location_id, checked_on);
INSERT INTO legitimacy_check (location_id, checked_on, checked_by_name, method, recorded_at)
SELECT location_id, legitimacy_checked_at::date, '–', 'Noted in the details of the location', now()
  FROM location_details
 WHERE legitimacy_checked_at IS NOT NULL;
CREATE TRIGGER legitimacy_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON legitimacy_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();
COMMENT ON COLUMN location_details.legitimacy_checked_at IS 'Not used any more: legitimacy_check has who and how, too';

-- Which organisation has been told of which check that comes, so that it is told once.
CREATE TABLE legitimacy_notice (
    location_id     integer NOT NULL REFERENCES location ON DELETE CASCADE,
    due_on          date NOT NULL,
    sent_at         timestamptz NOT NULL,
    PRIMARY KEY (location_id, due_on)
);

-- What the operator tells on each page of the portal, and in the status of the national system. An empty audience is
-- everybody, also who has not signed in; otherwise the kinds of organisation that it is for. What was announced is not
-- changed: it is withdrawn, and another one made.
CREATE TABLE announcement (
    announcement_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    level           text NOT NULL CHECK (level IN ('info', 'warning')),
    text_fi         text NOT NULL CHECK (text_fi <> ''),
    text_sv         text NOT NULL CHECK (text_sv <> ''),
    text_en         text NOT NULL CHECK (text_en <> ''),
    audience        text[] NOT NULL DEFAULT '{}'
                    CHECK (audience <@ ARRAY['pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler', 'mah_obp']),
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    made_by         integer,
    made_by_name    text NOT NULL,
    made_at         timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    CHECK (ends_at > starts_at)
);
CREATE INDEX announcement_end ON announcement (ends_at) WHERE withdrawn_at IS NULL;

-- Somebody has read it and wants to see it no more in this session.
CREATE TABLE announcement_dismissal (
    session_id      text NOT NULL REFERENCES person_session ON DELETE CASCADE,
    announcement_id integer NOT NULL REFERENCES announcement ON DELETE CASCADE,
    PRIMARY KEY (session_id, announcement_id)
);

-- Equipment across the country is looked for by software, and counted by it.
CREATE INDEX client_equipment_details_software ON client_equipment_details (user_agent, api_version);
