-- Handing notices over to mail and webhooks (docs/adr/0016).

-- What cannot be handed over because of a bug is tried again later and holds up nothing else.
ALTER TABLE alert_notice ADD COLUMN failures smallint NOT NULL DEFAULT 0, ADD COLUMN try_after timestamptz;
-- What other operators must hear waits for the EU Hub, in ever more rows that nobody here asks for.
CREATE INDEX alert_notice_to_hand_over ON alert_notice (notice_number)
    WHERE handed_over_at IS NULL AND party <> 'other_operator';
DROP INDEX alert_notice_waiting;

-- What somebody will hear of with the next mail; gone when that has been queued.
CREATE TABLE notice_for_person (
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    product_id      integer NOT NULL,
    notice_number   bigint NOT NULL,
    event_number    bigint NOT NULL,
    notice          text NOT NULL,
    pace            text NOT NULL CHECK (pace IN ('at_once', 'gathered', 'daily')),
    made_at         timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    PRIMARY KEY (user_id, product_id, notice_number)
);
CREATE INDEX notice_for_person_due ON notice_for_person (due_at);
