-- list_audit --
-- The audit within reach. Whoever belongs to an organisation sees what concerns it.
SELECT audit_number, recorded_at, actor, user_name, user_role, source_address, action, object_kind, object_id,
       object_name, organisation_id, old_values, new_values, reason, ground
  FROM audit_entry
 WHERE (%(everything)s OR organisation_id = %(organisation_id)s)
   AND (%(pattern)s = '%%'
        OR user_name ~ %(forgiving)s
        OR object_name ~ %(forgiving)s)
   AND (%(object_kind)s = '' OR object_kind = %(object_kind)s)
