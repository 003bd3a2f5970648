-- note_maker --
-- Who added it; the record of identity does not ask.
INSERT INTO client_equipment_details (equipment_id, created_by, created_by_name)
VALUES (%(equipment_id)s, %(user_id)s, %(name)s)
