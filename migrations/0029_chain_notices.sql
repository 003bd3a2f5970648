-- What a company tells the authority and the distribution chain of a suspected or confirmed falsification (NMVO-0048
-- v5.0 §6.2 MAH a; docs/adr/0024). Append-only.
CREATE TABLE chain_notice (
    product_id      integer NOT NULL,
    notice_id       bigint GENERATED ALWAYS AS IDENTITY,
    event_number    bigint NOT NULL,
    organisation_id integer NOT NULL,
    classification  text NOT NULL,
    recipients      text[] NOT NULL CHECK (cardinality(recipients) > 0),
    addition        text,
    people          integer NOT NULL,
    sent_at         timestamptz NOT NULL,
    user_id         integer NOT NULL,
    user_name       text NOT NULL,
    transaction_id  uuid,
    PRIMARY KEY (product_id, notice_id),
    FOREIGN KEY (product_id, event_number) REFERENCES alert_file
);
COMMENT ON COLUMN chain_notice.recipients IS 'Kinds of chain_notice_recipients.csv; who they are is never shown to the company';
COMMENT ON COLUMN chain_notice.people IS 'How many people got a mail, each once';
CREATE INDEX chain_notice_of_company ON chain_notice (organisation_id, sent_at);
CREATE INDEX chain_notice_of_alert ON chain_notice (product_id, event_number);
CREATE TRIGGER chain_notice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chain_notice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record();
