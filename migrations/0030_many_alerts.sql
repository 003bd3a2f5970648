-- What became of a change of many alerts, for whoever made it: the page that a second submit leads to, too. What was
-- changed stands in alert_history and in the audit; these rows are removed after a while.
CREATE TABLE alert_bulk_change (
    bulk_id         uuid PRIMARY KEY,
    user_id         integer NOT NULL REFERENCES person ON DELETE CASCADE,
    made_at         timestamptz NOT NULL,
    result          jsonb NOT NULL
);
CREATE INDEX alert_bulk_change_of_person ON alert_bulk_change (user_id, made_at);

-- A search that somebody keeps, shared with colleagues if wanted. `organisation_id` is that of its owner, 0 for the operator
-- and -1 for the authority; without it the search is its owner's alone.
ALTER TABLE alert_filter ADD COLUMN shared_with integer;
CREATE INDEX alert_filter_shared ON alert_filter (shared_with) WHERE shared_with IS NOT NULL;
