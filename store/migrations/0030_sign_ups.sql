-- Firms that sign up for an account by their credit code, and whom a firm invites to join it.

SET search_path = panhuo, public;

-- Whoever wants an account for a firm. Until a park has seen a proof there is no account; the row goes when it is
-- decided, or nobody decides. The service alone reads it: it holds the hash of a password, and whose it is to decide
-- depends on the firm.
CREATE TABLE sign_up (
  park_id uuid NOT NULL CONSTRAINT sign_up_park REFERENCES park,
  id uuid NOT NULL,
  credit_code text NOT NULL CONSTRAINT sign_up_credit_code_form CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  firm_name text NOT NULL CONSTRAINT sign_up_firm_name_length CHECK (length(firm_name) BETWEEN 1 AND 200),
  login text NOT NULL CONSTRAINT sign_up_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
  password_hash text NOT NULL,
  name text NOT NULL CONSTRAINT sign_up_name_length CHECK (length(name) BETWEEN 1 AND 200),
  phone text CONSTRAINT sign_up_phone_form CHECK (phone ~ '^[0-9-]{10,22}$'),
  mail text CONSTRAINT sign_up_mail_form CHECK (mail ~ '^[^@[:space:]]{1,64}@[A-Za-z0-9.-]{3,189}$'),
  consent text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (park_id, id),
  CONSTRAINT sign_up_can_be_reached CHECK (phone IS NOT NULL OR mail IS NOT NULL)
);
CREATE INDEX sign_up_id ON sign_up (id);
CREATE INDEX sign_up_credit_code ON sign_up (credit_code);
COMMENT ON TABLE sign_up IS 'Who wants an account for a firm; gone once it is accepted, refused, or 30 days old.';
COMMENT ON COLUMN sign_up.park_id IS 'The park named, which accepts a firm that nobody knows yet [staff]';
COMMENT ON COLUMN sign_up.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN sign_up.credit_code IS '统一社会信用代码 of the firm [staff]';
COMMENT ON COLUMN sign_up.firm_name IS 'Its name, as given [staff]';
COMMENT ON COLUMN sign_up.login IS 'The login wanted [staff]';
COMMENT ON COLUMN sign_up.password_hash IS 'argon2id [owner]';
COMMENT ON COLUMN sign_up.name IS 'Who signs up [staff]';
COMMENT ON COLUMN sign_up.phone IS 'Their telephone [staff]';
COMMENT ON COLUMN sign_up.mail IS 'Their mail address [staff]';
COMMENT ON COLUMN sign_up.consent IS 'Version of the consent line that was agreed to [staff]';
COMMENT ON COLUMN sign_up.received_at IS 'When it came; UTC [staff]';
ALTER TABLE sign_up ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON sign_up TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_up TO panhuo_app;

CREATE TABLE invitation (
  firm_id uuid NOT NULL CONSTRAINT invitation_firm REFERENCES firm,
  id uuid NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT invitation_token_unique UNIQUE,
  expires_on date NOT NULL,
  account_id uuid CONSTRAINT invitation_account REFERENCES account,
  withdrawn_at timestamptz,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (firm_id, id)
);
CREATE INDEX invitation_id ON invitation (id);
COMMENT ON TABLE invitation IS 'A firm lets somebody join it, once; kept as SHA-256 only.';
COMMENT ON COLUMN invitation.firm_id IS 'The firm [owner]';
COMMENT ON COLUMN invitation.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN invitation.token_hash IS 'SHA-256 of the token [owner]';
COMMENT ON COLUMN invitation.expires_on IS 'Last day it is good, Asia/Shanghai [owner]';
COMMENT ON COLUMN invitation.account_id IS 'The account that came of it; NULL: none yet [owner]';
COMMENT ON COLUMN invitation.withdrawn_at IS 'When the firm took it back; UTC; NULL: it did not [owner]';
COMMENT ON COLUMN invitation.recorded_at IS 'When it was made; UTC [owner]';
ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invitation TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON invitation TO panhuo_app;
