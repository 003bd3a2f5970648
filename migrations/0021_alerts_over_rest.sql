-- IT systems work on alerts, too (docs/adr/0020). What they do is told under the name of the client equipment, and they have
-- no user: `equipment_id` says which one it was. What an older version writes meanwhile is done by people, as before.
ALTER TABLE alert_history
    ADD COLUMN equipment_id integer,
    DROP CONSTRAINT alert_history_check,
    ADD CONSTRAINT alert_history_doer CHECK ((party = 'system') = (user_id IS NULL AND equipment_id IS NULL)) NOT VALID;
ALTER TABLE case_message
    ADD COLUMN equipment_id integer,
    ALTER COLUMN user_id DROP NOT NULL,
    ADD CONSTRAINT case_message_writer CHECK (user_id IS NOT NULL OR equipment_id IS NOT NULL) NOT VALID;
ALTER TABLE set_aside_pack
    ADD COLUMN set_aside_by_equipment integer,
    ADD COLUMN ended_by_equipment integer,
    ALTER COLUMN set_aside_by DROP NOT NULL,
    DROP CONSTRAINT set_aside_pack_check1,
    ADD CONSTRAINT set_aside_pack_ended_by
        CHECK ((ended_at IS NULL) = (ended_by IS NULL AND ended_by_equipment IS NULL)) NOT VALID;
ALTER TABLE alert_step_done
    ADD COLUMN done_by_equipment integer,
    ALTER COLUMN done_by DROP NOT NULL;
ALTER TABLE alert_history VALIDATE CONSTRAINT alert_history_doer;
ALTER TABLE case_message VALIDATE CONSTRAINT case_message_writer;
ALTER TABLE set_aside_pack VALIDATE CONSTRAINT set_aside_pack_ended_by;

ALTER TABLE audit_entry
    DROP CONSTRAINT audit_entry_actor_check,
    ADD CONSTRAINT audit_entry_actor_check
        CHECK (actor IN ('person', 'command_line', 'system', 'client_equipment')) NOT VALID;
ALTER TABLE audit_entry VALIDATE CONSTRAINT audit_entry_actor_check;
