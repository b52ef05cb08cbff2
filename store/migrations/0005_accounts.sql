-- Who calls: accounts, the parks they work for, sessions, API keys, and tries to sign in.

SET search_path = panhuo, public;

CREATE TABLE account (
  id uuid PRIMARY KEY,
  login text NOT NULL CONSTRAINT login_taken UNIQUE
    CONSTRAINT login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
  password_hash text NOT NULL,
  role text NOT NULL CONSTRAINT account_role CHECK (role IN ('firm', 'staff', 'admin')),
  firm_id uuid CONSTRAINT firm_accounts_name_a_firm CHECK ((role = 'firm') = (firm_id IS NOT NULL)),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT account_firm FOREIGN KEY (firm_id) REFERENCES firm
);
CREATE INDEX account_of_firm ON account (firm_id) WHERE firm_id IS NOT NULL;
COMMENT ON TABLE account IS 'One login. Names and phones of people are not kept here.';
COMMENT ON COLUMN account.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN account.login IS 'Login name, lower case [owner]';
COMMENT ON COLUMN account.password_hash IS 'argon2id [owner]';
COMMENT ON COLUMN account.role IS 'firm, staff or admin [owner]';
COMMENT ON COLUMN account.firm_id IS 'The firm a firm account speaks for [owner]';
COMMENT ON COLUMN account.is_active IS 'False: refused at once, everywhere [owner]';
COMMENT ON COLUMN account.created_at IS 'When it was made; UTC [owner]';
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON account TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON account TO panhuo_app;

CREATE TABLE account_park (
  account_id uuid NOT NULL CONSTRAINT staff_account REFERENCES account,
  park_id uuid NOT NULL,
  PRIMARY KEY (account_id, park_id),
  CONSTRAINT staff_of_a_park FOREIGN KEY (park_id) REFERENCES park
);
COMMENT ON TABLE account_park IS 'The parks an account is staff of.';
COMMENT ON COLUMN account_park.account_id IS 'Whose [owner]';
COMMENT ON COLUMN account_park.park_id IS 'Where [owner]';
ALTER TABLE account_park ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON account_park TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, DELETE ON account_park TO panhuo_app;

CREATE TABLE session (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL CONSTRAINT session_account REFERENCES account,
  access_hash bytea NOT NULL CONSTRAINT access_hash_unique UNIQUE,
  access_until timestamptz NOT NULL,
  refresh_hash bytea NOT NULL CONSTRAINT refresh_hash_unique UNIQUE,
  refresh_until timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX session_account ON session (account_id);
COMMENT ON TABLE session IS 'One login on one device; tokens are kept as SHA-256 only.';
COMMENT ON COLUMN session.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN session.account_id IS 'Whose [owner]';
COMMENT ON COLUMN session.access_hash IS 'SHA-256 of the bearer token [owner]';
COMMENT ON COLUMN session.access_until IS 'When the bearer token ends; UTC [owner]';
COMMENT ON COLUMN session.refresh_hash IS 'SHA-256 of the refresh token, changed on each use [owner]';
COMMENT ON COLUMN session.refresh_until IS 'Idle end; UTC [owner]';
COMMENT ON COLUMN session.ends_at IS 'Absolute end; UTC [owner]';
COMMENT ON COLUMN session.revoked_at IS 'Logged out or revoked; UTC [owner]';
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON session TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON session TO panhuo_app;

CREATE TABLE spent_refresh_token (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL CONSTRAINT spent_token_session REFERENCES session,
  spent_at timestamptz NOT NULL,
  salt bytea NOT NULL,
  access_hash bytea
);
CREATE INDEX spent_refresh_token_session ON spent_refresh_token (session_id);
CREATE INDEX spent_refresh_token_access ON spent_refresh_token (access_hash);
COMMENT ON TABLE spent_refresh_token IS
  'Refresh tokens that were used: shown again, their session ends; kept while the session could last';
COMMENT ON COLUMN spent_refresh_token.token_hash IS 'SHA-256 of the token [owner]';
COMMENT ON COLUMN spent_refresh_token.session_id IS 'Whose [owner]';
COMMENT ON COLUMN spent_refresh_token.spent_at IS 'When it was used; UTC [owner]';
COMMENT ON COLUMN spent_refresh_token.salt IS 'With the token itself it gives the tokens that followed [owner]';
COMMENT ON COLUMN spent_refresh_token.access_hash IS
  'SHA-256 of the access token that ended with it: it signs out, and nothing else; NULL: from before [owner]';
ALTER TABLE spent_refresh_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON spent_refresh_token TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, DELETE ON spent_refresh_token TO panhuo_app;

CREATE TABLE api_key (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL CONSTRAINT api_key_account REFERENCES account,
  label text NOT NULL,
  prefix text NOT NULL,
  key_hash bytea NOT NULL CONSTRAINT key_hash_unique UNIQUE,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_on date NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT key_works_a_year_at_most CHECK (expires_on <= (created_at AT TIME ZONE 'Asia/Shanghai')::date + 366)
);
CREATE INDEX api_key_account ON api_key (account_id);
COMMENT ON TABLE api_key IS 'Long-lived keys for integrators; kept as SHA-256 only.';
COMMENT ON COLUMN api_key.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN api_key.account_id IS 'Whose [owner]';
COMMENT ON COLUMN api_key.label IS 'What it is for, in the owner''s words [owner]';
COMMENT ON COLUMN api_key.prefix IS 'First characters, to tell keys apart [owner]';
COMMENT ON COLUMN api_key.key_hash IS 'SHA-256 of the key [owner]';
COMMENT ON COLUMN api_key.created_at IS 'When it was made; UTC [owner]';
COMMENT ON COLUMN api_key.expires_on IS 'Last day it works, Asia/Shanghai [owner]';
COMMENT ON COLUMN api_key.revoked_at IS 'When it was revoked; UTC [owner]';
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON api_key TO panhuo_app USING (
  account_id = (SELECT nullif(current_setting('app.actor_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON api_key TO panhuo_app;

CREATE UNLOGGED TABLE sign_in_tries (
  key bytea PRIMARY KEY,
  tries integer NOT NULL CONSTRAINT tries_counted CHECK (tries >= 0),
  ends_at timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_ends_at ON sign_in_tries (ends_at);
COMMENT ON TABLE sign_in_tries IS
  'How often somebody tried to sign in and failed, for each address, account, and account from an address; lost in a '
  'crash';
COMMENT ON COLUMN sign_in_tries.key IS 'SHA-256 of what is counted [owner]';
COMMENT ON COLUMN sign_in_tries.tries IS 'Tries that failed or are being looked at, until ends_at [owner]';
COMMENT ON COLUMN sign_in_tries.ends_at IS 'When counting begins anew; UTC [owner]';
ALTER TABLE sign_in_tries ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON sign_in_tries TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_tries TO panhuo_app;
