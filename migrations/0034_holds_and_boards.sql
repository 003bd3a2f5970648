-- A distributor's location that is added while a sales hold is in force is asked by Sinetti itself (docs/adr/0024).
ALTER TABLE sales_hold_history ALTER COLUMN user_id DROP NOT NULL;
COMMENT ON COLUMN sales_hold_history.user_id IS 'Nobody where Sinetti itself asked a location that was added later';

-- A company's board counts its alerts by cause (docs/adr/0021). The version that still runs neither counts nor clears these.
ALTER TABLE alert_day DROP CONSTRAINT alert_day_dimension_check;
ALTER TABLE alert_day ADD CONSTRAINT alert_day_dimension_check
    CHECK (dimension IN ('all', 'batch', 'location', 'equipment', 'software', 'company', 'cause', 'code', 'company_cause'));
