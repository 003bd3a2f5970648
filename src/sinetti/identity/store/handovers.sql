-- is_secret_of --
-- Only a secret that opens something is handed over, and not whatever a form says.
SELECT 1 FROM client_equipment
 WHERE equipment_id = %(equipment_id)s AND secret_sha256 = %(secret_sha256)s AND deleted_at IS NULL

-- add_handover --
-- A new link.
INSERT INTO equipment_handover (equipment_id, token_sha256, sealed_secret, made_by_name, made_at, expires_at)
VALUES (%(equipment_id)s, %(token_sha256)s, %(sealed_secret)s, %(made_by_name)s, %(now)s, %(expires_at)s)

-- list_handovers --
-- What the sender sees.
SELECT h.handover_id, h.equipment_id, c.name AS equipment_name, l.organisation_id, o.name AS organisation_name,
       l.location_id, l.name AS location_name, h.made_by_name, h.made_at, h.expires_at, h.wrong_codes, h.opened_at,
       h.opened_by_name, h.opened_from, h.ended_at
  FROM equipment_handover h
  JOIN client_equipment c USING (equipment_id)
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
 WHERE h.equipment_id = %(equipment_id)s
 ORDER BY h.handover_id DESC

-- find_handover --
-- Of living equipment only. Locked: of two who open it at once one gets the secret, and guesses come one by one.
SELECT h.handover_id, h.equipment_id, c.name AS equipment_name, l.organisation_id, o.name AS organisation_name,
       l.location_id, l.name AS location_name, h.made_by_name, h.made_at, h.expires_at, h.wrong_codes, h.opened_at,
       h.opened_by_name, h.opened_from, h.ended_at
  FROM equipment_handover h
  JOIN client_equipment c USING (equipment_id)
  JOIN location l USING (location_id)
  JOIN organisation o USING (organisation_id)
 WHERE h.token_sha256 = %(token_sha256)s
   AND c.deleted_at IS NULL
   FOR UPDATE OF h

-- sealed_secret --
-- What the code opens.
SELECT sealed_secret FROM equipment_handover WHERE handover_id = %(handover_id)s

-- count_wrong_code --
-- The last one that is borne takes the secret away.
UPDATE equipment_handover
   SET wrong_codes = wrong_codes + 1,
       sealed_secret = CASE WHEN wrong_codes + 1 < %(wrong_codes_max)s THEN sealed_secret END,
       ended_at = CASE WHEN wrong_codes + 1 < %(wrong_codes_max)s THEN ended_at ELSE %(now)s END
 WHERE handover_id = %(handover_id)s

-- note_opened --
-- It burns after reading.
UPDATE equipment_handover
   SET opened_at = %(now)s, opened_by_name = %(opened_by_name)s, opened_from = %(opened_from)s, sealed_secret = NULL
 WHERE handover_id = %(handover_id)s

-- withdraw --
-- The sender has thought better of it.
UPDATE equipment_handover SET ended_at = %(now)s, sealed_secret = NULL
 WHERE equipment_id = %(equipment_id)s AND opened_at IS NULL AND ended_at IS NULL AND expires_at > %(now)s
