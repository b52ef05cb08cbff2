-- Who is told of events, and up to where.

SET search_path = panhuo, public;

CREATE TABLE webhook (
  scope_id uuid NOT NULL CONSTRAINT webhook_scope REFERENCES head,
  id uuid NOT NULL,
  account_id uuid NOT NULL CONSTRAINT webhook_account REFERENCES account,
  url text NOT NULL CONSTRAINT webhook_url_form CHECK (url ~ '^https?://[!-~]+$' AND length(url) <= 2000),
  label text CONSTRAINT webhook_label_length CHECK (length(label) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT act_at(),
  cursor_rev bigint NOT NULL,
  cursor_n integer NOT NULL,
  batch_rev bigint,
  batch_n integer,
  lease bigint NOT NULL DEFAULT 0,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  failing_since timestamptz,
  last_result text CONSTRAINT webhook_result_known
    CHECK (last_result IN ('accepted', 'refused', 'redirected', 'gone', 'busy', 'failed', 'timeout', 'unreachable',
    'address', 'unresolvable')),
  delivered_at timestamptz,
  paused_at timestamptz,
  pause_reason text CONSTRAINT pause_reason_known CHECK (pause_reason IN ('failing', 'gone', 'rights')),
  PRIMARY KEY (scope_id, id),
  CONSTRAINT a_pause_has_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL)),
  CONSTRAINT batch_lies_past_the_cursor CHECK ((batch_rev IS NULL) = (batch_n IS NULL)
    AND (cursor_rev, cursor_n) < (batch_rev, batch_n))
);
CREATE INDEX webhook_id ON webhook (id);
CREATE INDEX webhook_due ON webhook (next_attempt_at) WHERE paused_at IS NULL;
COMMENT ON TABLE webhook IS 'An address that is told of the events of a park or firm, and how far it has been told.';
COMMENT ON COLUMN webhook.scope_id IS 'The park or firm whose events it gets [staff]';
COMMENT ON COLUMN webhook.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN webhook.account_id IS
  'Account that vouches for it: nothing is sent once that account may not read the events [staff]';
COMMENT ON COLUMN webhook.url IS 'Where events are sent [staff]';
COMMENT ON COLUMN webhook.label IS 'What it is for, in the owner''s words [staff]';
COMMENT ON COLUMN webhook.created_at IS 'When it was made; UTC [staff]';
COMMENT ON COLUMN webhook.cursor_rev IS 'rev of the last event that was accepted [staff]';
COMMENT ON COLUMN webhook.cursor_n IS 'n of the last event that was accepted [staff]';
COMMENT ON COLUMN webhook.batch_rev IS
  'rev of the last event of the batch being sent: a repetition sends the same; NULL: none [owner]';
COMMENT ON COLUMN webhook.batch_n IS 'n of the last event of the batch being sent [owner]';
COMMENT ON COLUMN webhook.lease IS 'Counts claims by workers: only the latest may settle [owner]';
COMMENT ON COLUMN webhook.leased_until IS 'Until then no other worker sends to it; UTC [owner]';
COMMENT ON COLUMN webhook.attempts IS 'Failures in a row [staff]';
COMMENT ON COLUMN webhook.next_attempt_at IS 'Not before; UTC [staff]';
COMMENT ON COLUMN webhook.failing_since IS 'First failure in a row; UTC; NULL: the last attempt was accepted [staff]';
COMMENT ON COLUMN webhook.last_result IS 'Class of the last attempt''s result; nothing the receiver said [staff]';
COMMENT ON COLUMN webhook.delivered_at IS 'When a batch was last accepted; UTC [staff]';
COMMENT ON COLUMN webhook.paused_at IS 'Nothing is sent since; UTC; NULL: not paused [staff]';
COMMENT ON COLUMN webhook.pause_reason IS
  'failing: three days without success; gone: the receiver said 410; rights: its account lost the right [staff]';
ALTER TABLE webhook ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON webhook TO panhuo_app USING (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook TO panhuo_app;

-- Only ever added to: the newest signs, those it replaced less than a day ago sign beside it.
CREATE TABLE webhook_secret (
  scope_id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  id uuid NOT NULL,
  secret bytea NOT NULL CONSTRAINT secret_length CHECK (length(secret) BETWEEN 24 AND 64),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (scope_id, webhook_id, id),
  CONSTRAINT secret_of_webhook FOREIGN KEY (scope_id, webhook_id) REFERENCES webhook (scope_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE webhook_secret IS
  'Keys of HMAC-SHA256, readable because they sign; written by acts, read by the service alone, shown by no view.';
COMMENT ON COLUMN webhook_secret.scope_id IS 'The park or firm [owner]';
COMMENT ON COLUMN webhook_secret.webhook_id IS 'The webhook it signs for [owner]';
COMMENT ON COLUMN webhook_secret.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN webhook_secret.secret IS 'The key [owner]';
COMMENT ON COLUMN webhook_secret.created_at IS 'When it was made; UTC [owner]';
ALTER TABLE webhook_secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY adds ON webhook_secret FOR INSERT TO panhuo_app WITH CHECK (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid);
CREATE POLICY service ON webhook_secret TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, DELETE ON webhook_secret TO panhuo_app;
