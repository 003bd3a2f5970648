-- How soon somebody wants to hear of a group of notices by mail, where it is not as usual (docs/adr/0016). What
-- notice_paces.csv sends at once cannot be chosen otherwise; a row that says so counts for nothing.
CREATE TABLE notice_choice (
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    notice_group    text NOT NULL,
    pace            text NOT NULL CHECK (pace IN ('at_once', 'gathered', 'daily', 'none')),
    PRIMARY KEY (user_id, notice_group)
);
