-- add_mail --
-- One mail, with what it says sealed.
INSERT INTO mail (mail_id, kind, recipient, language, queued_at, sealed_content)
VALUES (%(mail_id)s, %(kind)s, %(recipient)s, %(language)s, %(now)s, %(sealed_content)s)

-- begin_attempt --
-- Counted before it is tried: an attempt that kills its worker counts too. Nothing where it was sent or given up.
UPDATE mail SET attempts = attempts + 1
 WHERE mail_id = %(mail_id)s AND sealed_content IS NOT NULL
RETURNING recipient, language, sealed_content, attempts

-- end_mail --
-- The mail server has it; what it said is forgotten.
UPDATE mail SET sent_at = %(now)s, sealed_content = NULL, last_fault = %(fault)s WHERE mail_id = %(mail_id)s

-- keep_fault --
-- It will be tried again.
UPDATE mail SET last_fault = %(fault)s WHERE mail_id = %(mail_id)s

-- give_up --
-- It will not be tried again.
UPDATE mail SET given_up_at = %(now)s, sealed_content = NULL, last_fault = %(fault)s WHERE mail_id = %(mail_id)s

-- remove_old_mail --
-- Who was written to is not kept longer than somebody may ask why nothing came.
DELETE FROM mail WHERE queued_at < %(before)s AND sealed_content IS NULL
