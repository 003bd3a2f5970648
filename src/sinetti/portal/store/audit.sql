-- add_audit_entry --
-- One thing that somebody did, in the transaction that did it.
INSERT INTO audit_entry (recorded_at, transaction_id, actor, user_id, user_name, user_role, user_organisation_id,
                         session_id, source_address, action, object_kind, object_id, object_name, organisation_id,
                         location_id, old_values, new_values, reason, ground)
VALUES (%(now)s, %(transaction_id)s, %(actor)s, %(user_id)s, %(user_name)s, %(user_role)s, %(user_organisation_id)s,
        %(session_id)s, %(source_address)s, %(action)s, %(object_kind)s, %(object_id)s, %(object_name)s,
        %(organisation_id)s, %(location_id)s, %(old_values)s, %(new_values)s, %(reason)s, %(ground)s)
