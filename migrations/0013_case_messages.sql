-- A case of one location's faults holds alerts about the products of several companies. What one of them writes is for the
-- location and for itself, so a message says by which alert it was sent, and whose product that is about.
ALTER TABLE case_message ADD COLUMN event_number bigint, ADD COLUMN obp_organisation_id integer;

-- Lists by age of all parties' alerts, and the boards of what is open by batch.
CREATE INDEX alert_file_open_of_obp ON alert_file (obp_organisation_id, recorded_at, event_number)
    WHERE status <> 'closed';
CREATE INDEX alert_file_open_of_organisation ON alert_file (organisation_id, recorded_at, event_number)
    WHERE status <> 'closed';
CREATE INDEX alert_file_open_of_location ON alert_file (location_id, recorded_at, event_number)
    WHERE status <> 'closed';
