-- add_announcement --
-- It is shown from its time on, by whoever asks.
INSERT INTO announcement (level, text_fi, text_sv, text_en, audience, starts_at, ends_at, made_by, made_by_name, made_at)
VALUES (%(level)s, %(text_fi)s, %(text_sv)s, %(text_en)s, %(audience)s, %(starts_at)s, %(ends_at)s, %(made_by)s,
        %(made_by_name)s, %(now)s)
RETURNING announcement_id

-- withdraw_announcement --
-- Once: who withdraws it again, or what is over, changes nothing.
UPDATE announcement SET withdrawn_at = %(now)s
 WHERE announcement_id = %(announcement_id)s AND withdrawn_at IS NULL AND ends_at > %(now)s
RETURNING announcement_id, level, text_fi, text_sv, text_en, audience, starts_at, ends_at, made_by_name, made_at,
          withdrawn_at

-- list_announcements --
-- The newest first; what is over stays, for somebody will ask what was said.
SELECT announcement_id, level, text_fi, text_sv, text_en, audience, starts_at, ends_at, made_by_name, made_at,
       withdrawn_at
  FROM announcement
 ORDER BY announcement_id DESC
 LIMIT %(limit)s

-- read_shown --
-- What this person is shown now: for everybody or for the kind of the person's organisation, warnings first. Information
-- that was put aside in this session is not shown again.
SELECT announcement_id, level, text_fi, text_sv, text_en, audience, starts_at, ends_at, made_by_name, made_at,
       withdrawn_at
  FROM announcement a
 WHERE withdrawn_at IS NULL AND ends_at > %(now)s AND starts_at <= %(now)s
   AND (audience = '{}'
        OR (SELECT kind FROM organisation WHERE organisation_id = %(organisation_id)s) = ANY (audience))
   AND NOT (level = 'info'
            AND EXISTS (SELECT FROM announcement_dismissal d
                         WHERE d.session_id = %(session_id)s AND d.announcement_id = a.announcement_id))
 ORDER BY level DESC, starts_at DESC, announcement_id DESC
 LIMIT %(limit)s

-- dismiss_announcement --
-- For this session. A warning, and one that there is not, cannot be put aside.
INSERT INTO announcement_dismissal (session_id, announcement_id)
SELECT %(session_id)s, announcement_id
  FROM announcement
 WHERE announcement_id = %(announcement_id)s AND level = 'info'
ON CONFLICT DO NOTHING
