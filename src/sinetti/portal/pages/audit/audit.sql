-- list_audit --
-- The audit within reach. Whoever belongs to an organisation sees what concerns it. A search finds words of the names
-- by how they begin, which an index answers: this table grows for ever.
SELECT audit_number, recorded_at, transaction_id, actor, user_name, user_role, source_address, action, object_kind,
       object_id, object_name, organisation_id,
       (SELECT o.name FROM organisation o WHERE o.organisation_id = a.organisation_id) AS organisation_name,
       old_values, new_values, reason, ground
  FROM audit_entry a
 WHERE (%(everything)s OR organisation_id = %(organisation_id)s)
   AND (%(words)s = ''
        OR sinetti_words(user_name || ' ' || object_name) @@ sinetti_sort_key(%(words)s, 'en')::tsquery)
   AND (%(object_kind)s = '' OR object_kind = %(object_kind)s)
   AND (%(action)s = '' OR action = %(action)s)
   AND (%(from)s::timestamptz IS NULL OR recorded_at >= %(from)s)
   AND (%(to)s::timestamptz IS NULL OR recorded_at < %(to)s)
   AND (%(organisation)s = '%%'
        OR organisation_id IN (SELECT o.organisation_id
                                 FROM organisation o
                                WHERE sinetti_sort_key(o.name, 'en')
                                      LIKE sinetti_sort_key(%(organisation)s, 'en')))
