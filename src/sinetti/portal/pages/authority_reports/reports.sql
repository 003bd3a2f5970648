-- falsifications --
-- Every classification of an alert as a suspicion or a confirmed falsification, and every step back, with who was told
-- of it by then and when (art. 37(d)).
SELECT history.recorded_at AS classified_at, coalesce(file.alert_id, 'R' || file.product_id || '-' || file.event_number) AS reference,
       history.value_before AS class_before, history.value_after AS class_after, history.party, history.user_name AS person,
       history.comment, file.product_code, product.name AS product, file.batch, file.serial_number,
       location.name AS location, company.name AS company, file.status AS alert_status, file.closing_reason,
       (SELECT string_agg(notice.party || ' ' || to_char(notice.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), ', '
                          ORDER BY notice.notice_number)
          FROM alert_notice AS notice
         WHERE (notice.product_id, notice.event_number) = (history.product_id, history.event_number)
           AND notice.made_at = history.recorded_at
           AND notice.notice IN ('suspicion_classified', 'falsification_confirmed', 'classification_corrected')) AS told
  FROM alert_history AS history
  JOIN alert_file AS file ON (file.product_id, file.event_number) = (history.product_id, history.event_number)
  LEFT JOIN product ON product.product_id = file.product_id
  LEFT JOIN location ON location.location_id = file.location_id
  LEFT JOIN organisation AS company ON company.organisation_id = file.obp_organisation_id
 WHERE history.change = 'classification' AND history.recorded_at >= %(since)s AND history.recorded_at < %(until)s
 ORDER BY history.recorded_at, history.entry_number
 LIMIT %(at_most)s

-- alerts --
-- How many alerts of each kind and company there were, and what became of them (art. 39(a)).
SELECT file.kind, company.name AS company, file.status AS alert_status, file.closing_reason, file.classification,
       count(*) AS alerts, min(file.recorded_at) AS first_at, max(file.recorded_at) AS last_at
  FROM alert_file AS file
  LEFT JOIN organisation AS company ON company.organisation_id = file.obp_organisation_id
 WHERE file.recorded_at >= %(since)s AND file.recorded_at < %(until)s
 GROUP BY file.kind, company.name, file.status, file.closing_reason, file.classification
 ORDER BY file.kind, company.name, file.status, file.closing_reason, file.classification
 LIMIT %(at_most)s

-- locations --
-- Whether each location is connected and uses the system, and its alerts in the time (art. 36(j)).
SELECT organisation.name AS organisation, organisation.kind AS organisation_kind, location.name AS location,
       (SELECT count(*) FROM client_equipment AS equipment WHERE equipment.location_id = location.location_id) AS equipment,
       (SELECT max(details.last_used_at) FROM client_equipment AS equipment
          JOIN client_equipment_details AS details USING (equipment_id)
         WHERE equipment.location_id = location.location_id) AS last_used_at,
       (SELECT count(*) FROM alert_file AS file
         WHERE file.location_id = location.location_id
           AND file.recorded_at >= %(since)s AND file.recorded_at < %(until)s) AS alerts,
       (SELECT count(*) FROM alert_file AS file
         WHERE file.location_id = location.location_id AND file.status <> 'closed'
           AND file.recorded_at >= %(since)s AND file.recorded_at < %(until)s) AS open_alerts
  FROM location
  JOIN organisation ON organisation.organisation_id = location.organisation_id
 WHERE organisation.kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler')
 ORDER BY organisation.name, location.name, location.location_id
 LIMIT %(at_most)s

-- trail_access --
-- Who read the trail of a pack, and on which ground (art. 38(2)).
SELECT entry.recorded_at AS read_at, entry.user_name AS person, entry.user_role AS role, entry.object_name AS pack,
       entry.ground
  FROM audit_entry AS entry
 WHERE entry.action = 'trail_read' AND entry.recorded_at >= %(since)s AND entry.recorded_at < %(until)s
 ORDER BY entry.recorded_at, entry.audit_number
 LIMIT %(at_most)s
