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

-- count_alerts --
-- How many alerts of the time there are, up to a number.
SELECT count(*)
  FROM (SELECT FROM alert_file WHERE recorded_at >= %(since)s AND recorded_at < %(until)s LIMIT %(at_most)s) AS counted

-- alerts --
-- Alerts of a span of time, what became of them, how old the open ones are in whole days, and of how many of those an
-- answer is late (art. 39(a)). Spans are added up by whoever asks.
SELECT file.kind, file.operation_code, company.name AS company, user_of.kind AS organisation_kind,
       details.kind AS location_kind, file.status AS alert_status, file.closing_reason, file.classification,
       CASE WHEN file.status <> 'closed' THEN greatest(0, floor(extract(epoch FROM %(now)s - file.recorded_at) / 86400))
        END::integer AS age_days,
       count(*) AS alerts,
       count(*) FILTER (WHERE file.status <> 'closed' AND EXISTS (
           SELECT FROM alert_deadline AS late
            WHERE (late.product_id, late.event_number) = (file.product_id, file.event_number)
              AND late.met_at IS NULL AND late.due_at < %(now)s)) AS late_alerts,
       min(file.recorded_at) AS first_at, max(file.recorded_at) AS last_at
  FROM alert_file AS file
  LEFT JOIN organisation AS company ON company.organisation_id = file.obp_organisation_id
  LEFT JOIN organisation AS user_of ON user_of.organisation_id = file.organisation_id
  LEFT JOIN location_details AS details ON details.location_id = file.location_id
 WHERE file.recorded_at >= %(starts_at)s AND file.recorded_at < %(ends_at)s
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9

-- locations --
-- Whether each location is connected, and its alerts in the time (art. 36(j)).
SELECT location.location_id, organisation.name AS organisation, organisation.kind AS organisation_kind,
       location.name AS location, details.city,
       CASE WHEN coalesce(location.locked_at, organisation.locked_at) IS NOT NULL THEN 'locked'
            ELSE coalesce(details.state, 'approved') END AS state,
       (SELECT count(*) FROM client_equipment AS equipment
         WHERE equipment.location_id = location.location_id AND equipment.deleted_at IS NULL) AS equipment,
       (SELECT max(used.last_used_at) FROM client_equipment AS equipment
          JOIN client_equipment_details AS used USING (equipment_id)
         WHERE equipment.location_id = location.location_id) AS last_used_at,
       coalesce(raised.alerts, 0) AS alerts, coalesce(raised.open_alerts, 0) AS open_alerts
  FROM location
  JOIN organisation ON organisation.organisation_id = location.organisation_id
  LEFT JOIN location_details AS details ON details.location_id = location.location_id
  LEFT JOIN (SELECT location_id, count(*) AS alerts, count(*) FILTER (WHERE status <> 'closed') AS open_alerts
               FROM alert_file
              WHERE recorded_at >= %(since)s AND recorded_at < %(until)s AND alert_id IS NOT NULL
              GROUP BY location_id) AS raised ON raised.location_id = location.location_id
 WHERE organisation.kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler')
   AND (%(kind)s::text IS NULL OR organisation.kind = %(kind)s)
 ORDER BY organisation.name, location.name, location.location_id

-- companies --
-- What each marketing authorisation holder and its partner uploaded, recalled and withdrew in the time, and the alerts
-- on its products by the code of the EU Hub. A batch was uploaded late where it was scanned before, a pack where its
-- serial number was unknown and is stored now (art. 33, 36(j) and 40).
WITH loaded AS (
    SELECT product.organisation_id, count(DISTINCT (upload.product_id, upload.batch_id)) AS batches,
           sum(upload.pack_count)::bigint AS packs
      FROM upload JOIN product USING (product_id)
     WHERE upload.recorded_at >= %(since)s AND upload.recorded_at < %(until)s
     GROUP BY 1
), taken_back AS (
    SELECT product.organisation_id,
           count(*) FILTER (WHERE event.change = 'batch_recalled') AS recalls,
           count(*) FILTER (WHERE event.change = 'product_withdrawn') AS withdrawals
      FROM batch_event AS event JOIN product USING (product_id)
     WHERE event.recorded_at >= %(since)s AND event.recorded_at < %(until)s
       AND event.change IN ('batch_recalled', 'product_withdrawn')
     GROUP BY 1
), raised AS (
    SELECT file.obp_organisation_id AS organisation_id, count(*) AS alerts,
           count(*) FILTER (WHERE file.hub_code = 'A2') AS a2, count(*) FILTER (WHERE file.hub_code = 'A3') AS a3,
           count(*) FILTER (WHERE file.hub_code = 'A68') AS a68, count(*) FILTER (WHERE file.hub_code = 'A52') AS a52,
           count(DISTINCT (file.product_id, file.batch))
               FILTER (WHERE file.hub_code = 'A2' AND batch.uploaded_at > file.recorded_at) AS late_batches,
           round(extract(epoch FROM max(batch.uploaded_at - file.recorded_at)
               FILTER (WHERE file.hub_code = 'A2' AND batch.uploaded_at > file.recorded_at)) / 3600)::integer AS latest_hours,
           count(DISTINCT (file.product_id, file.batch))
               FILTER (WHERE file.hub_code = 'A2' AND file.batch IS NOT NULL AND batch.batch_id IS NULL) AS missing_batches,
           count(DISTINCT (file.product_id, file.serial_key))
               FILTER (WHERE file.hub_code = 'A3' AND pack.product_id IS NOT NULL) AS late_packs
      FROM alert_file AS file
      LEFT JOIN batch ON batch.product_id = file.product_id AND batch.batch = file.batch
      LEFT JOIN pack ON pack.product_id = file.product_id AND pack.serial_key = file.serial_key AND file.hub_code = 'A3'
     WHERE file.recorded_at >= %(since)s AND file.recorded_at < %(until)s AND file.alert_id IS NOT NULL
       AND file.obp_organisation_id IS NOT NULL
     GROUP BY 1
)
SELECT company.organisation_id, company.name AS company,
       (SELECT count(*) FROM product WHERE product.organisation_id = company.organisation_id) AS products,
       coalesce(loaded.batches, 0) AS batches, coalesce(loaded.packs, 0) AS packs,
       coalesce(taken_back.recalls, 0) AS recalls, coalesce(taken_back.withdrawals, 0) AS withdrawals,
       coalesce(raised.alerts, 0) AS alerts, coalesce(raised.a2, 0) AS a2, coalesce(raised.a3, 0) AS a3,
       coalesce(raised.a68, 0) AS a68, coalesce(raised.a52, 0) AS a52,
       coalesce(raised.late_batches, 0) AS late_batches, raised.latest_hours,
       coalesce(raised.missing_batches, 0) AS missing_batches, coalesce(raised.late_packs, 0) AS late_packs
  FROM organisation AS company
  LEFT JOIN loaded USING (organisation_id)
  LEFT JOIN taken_back USING (organisation_id)
  LEFT JOIN raised USING (organisation_id)
 WHERE company.kind = 'mah_obp'
 ORDER BY company.name, company.organisation_id

-- taken_back --
-- Batches that were recalled and products that were withdrawn before the end of the time (art. 40).
SELECT product.product_id, batch.batch, 'recalled' AS what, company.name AS company, product.name AS product,
       product.product_code, batch.recalled_at AS since, batch.recall_reason AS reason
  FROM batch
  JOIN product USING (product_id)
  JOIN organisation AS company ON company.organisation_id = product.organisation_id
 WHERE batch.recalled_at < %(until)s
 UNION ALL
SELECT product.product_id, '', 'withdrawn', company.name, product.name, product.product_code, product.withdrawn_at,
       product.withdrawal_reason
  FROM product
  JOIN organisation AS company ON company.organisation_id = product.organisation_id
 WHERE product.withdrawn_at < %(until)s
 ORDER BY since, product_code, batch

-- products --
-- Names of products and of their companies.
SELECT product.product_id, product.product_code, product.name AS product, company.name AS company
  FROM product
  JOIN organisation AS company ON company.organisation_id = product.organisation_id
 WHERE product.product_id = ANY (%(product_ids)s)

-- non_fmd --
-- Batches that were on the national list outside the Regulation at some time of the days: who put them there, why that was
-- held to be safe, and who took them off.
SELECT added.product_code, product.name AS product, added.batch, added.recorded_at AS added_at, added.person AS added_by,
       added.reason AS risk_note, removed.recorded_at AS removed_at, removed.person AS removed_by,
       removed.reason AS removal_reason
  FROM batch_event AS added
  LEFT JOIN LATERAL (
       SELECT off.recorded_at, off.person, off.reason
         FROM batch_event AS off
        WHERE off.change = 'non_fmd_removed' AND off.event_number > added.event_number
          AND (off.scheme, off.product_code, off.batch) = (added.scheme, added.product_code, added.batch)
        ORDER BY off.event_number
        LIMIT 1) AS removed ON true
  LEFT JOIN product ON (product.product_code, product.scheme) = (added.product_code, added.scheme)
 WHERE added.change = 'non_fmd_added' AND added.recorded_at < %(until)s
   AND (removed.recorded_at IS NULL OR removed.recorded_at >= %(since)s)
 ORDER BY added.recorded_at, added.event_number
 LIMIT %(at_most)s

-- trail_access --
-- Who read the trail of a pack, and on which ground (art. 38(2)).
SELECT entry.recorded_at AS read_at, entry.user_name AS person, entry.user_role AS role, entry.object_name AS pack,
       entry.ground
  FROM audit_entry AS entry
 WHERE entry.action = 'trail_read' AND entry.recorded_at >= %(since)s AND entry.recorded_at < %(until)s
 ORDER BY entry.recorded_at, entry.audit_number
 LIMIT %(at_most)s

-- people --
-- Who may sign in now, as what, and since when (art. 37(b)).
SELECT person.name AS person, person.role, organisation.name AS organisation, organisation.kind AS organisation_kind,
       (SELECT count(*) FROM person_location WHERE person_location.user_id = person.user_id) AS locations,
       CASE WHEN person.locked_at IS NOT NULL THEN 'locked' WHEN person.password_hash IS NULL THEN 'invited'
            ELSE 'in_use' END AS user_state,
       EXISTS (SELECT FROM person_totp WHERE person_totp.user_id = person.user_id)
       OR EXISTS (SELECT FROM person_passkey WHERE person_passkey.user_id = person.user_id) AS second_factor,
       person.created_at, person.last_signed_in_at, person.locked_at, person.lock_reason
  FROM person
  LEFT JOIN organisation USING (organisation_id)
 ORDER BY organisation.name NULLS FIRST, person.name, person.user_id
 LIMIT %(at_most)s

-- access_changes --
-- Who was let in, changed or locked out in the time, and by whom (art. 37(b)).
SELECT entry.recorded_at AS changed_at, entry.action, entry.object_name AS about, entry.user_name AS person,
       entry.user_role AS role, entry.reason
  FROM audit_entry AS entry
 WHERE entry.action = ANY (%(actions)s) AND entry.recorded_at >= %(since)s AND entry.recorded_at < %(until)s
 ORDER BY entry.recorded_at, entry.audit_number
 LIMIT %(at_most)s

-- legitimacy --
-- When the legitimacy of each location with a contract was last checked and is to be checked again (art. 37(b)).
SELECT organisation.name AS organisation, organisation.kind AS organisation_kind, location.name AS location,
       newest.checked_on, newest.checked_by_name AS checked_by, newest.method, newest.document_reference, newest.due_on,
       CASE WHEN newest.due_on IS NULL THEN 'never' WHEN newest.due_on < %(today)s THEN 'overdue'
            WHEN newest.due_on <= %(notice_until)s THEN 'coming' ELSE 'done' END AS standing
  FROM location
  JOIN organisation USING (organisation_id)
  LEFT JOIN location_details AS details USING (location_id)
  LEFT JOIN LATERAL (
       SELECT checked_on, checked_by_name, method, document_reference,
              (checked_on + make_interval(months => %(months)s))::date AS due_on
         FROM legitimacy_check
        WHERE legitimacy_check.location_id = location.location_id
        ORDER BY checked_on DESC, check_id DESC
        LIMIT 1) AS newest ON true
 WHERE coalesce(details.state, 'approved') = 'approved'
   AND organisation.kind IN ('pharmacy', 'hospital_pharmacy', 'medical_depot', 'wholesaler')
 ORDER BY newest.due_on NULLS FIRST, organisation.name, location.name, location.location_id
 LIMIT %(at_most)s
