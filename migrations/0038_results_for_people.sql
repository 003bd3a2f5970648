-- What a person waits for on a page, such as a report for the authority or a long list as a file, is made like the reports
-- of operators' tools (docs/adr/0027): the same rows, with whoever it is for, and how far it has come.
ALTER TABLE report_request
    ADD COLUMN user_id integer,
    ADD COLUMN progress_percent smallint NOT NULL DEFAULT 0 CHECK (progress_percent BETWEEN 0 AND 100),
    DROP CONSTRAINT report_request_check,
    ADD CONSTRAINT report_request_is_somebodys CHECK (num_nonnulls(equipment_id, snapshot_day, user_id) = 1);
CREATE INDEX report_request_of_person ON report_request (user_id, requested_at) WHERE user_id IS NOT NULL;
COMMENT ON COLUMN report_request.user_id IS 'Whoever waits for it on a page: nobody else is shown it';

-- The forms of such a result: as the page shows it, and as files.
ALTER TABLE report_piece
    DROP CONSTRAINT report_piece_form_check,
    ADD CONSTRAINT report_piece_form_check CHECK (form IN ('csv', 'xlsx', 'alerts', 'pdf', 'json', 'page'));

-- The pages that tell what became of a change of many alerts are forgotten by their age, whoever made it.
CREATE INDEX alert_bulk_change_age ON alert_bulk_change (made_at);
