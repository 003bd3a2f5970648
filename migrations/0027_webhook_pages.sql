-- Pages about webhooks: what became of each message, and who paused an endpoint (docs/adr/0017).

ALTER TABLE webhook_endpoint ADD COLUMN paused_by_name text;
COMMENT ON COLUMN webhook_endpoint.paused_by_name IS 'Who paused it; NULL where the system did, for the reason beside';

-- The newest attempt of each message, and all messages of one endpoint.
CREATE INDEX webhook_attempt_of_message ON webhook_attempt (endpoint_id, message_id, attempt_number);
CREATE INDEX webhook_delivery_of_endpoint ON webhook_delivery (endpoint_id);
