-- Sign-in: tries are counted for all workers together, every spent refresh token is known, a key works a year at most.

SET LOCAL search_path = panhuo, public;

CREATE UNLOGGED TABLE sign_in_tries (
  key bytea PRIMARY KEY,
  tries integer NOT NULL CONSTRAINT tries_counted CHECK (tries >= 0),
  ends_at timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_ends_at ON sign_in_tries (ends_at);
COMMENT ON TABLE sign_in_tries IS 'How often somebody tried to sign in and failed, for each address, account, and account from an address; lost in a crash';
COMMENT ON COLUMN sign_in_tries.key IS 'SHA-256 of what is counted [owner]';
COMMENT ON COLUMN sign_in_tries.tries IS 'Tries that failed or are being looked at, until ends_at [owner]';
COMMENT ON COLUMN sign_in_tries.ends_at IS 'When counting begins anew; UTC [owner]';

CREATE TABLE spent_refresh_token (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL CONSTRAINT spent_token_session REFERENCES session,
  spent_at timestamptz NOT NULL,
  salt bytea NOT NULL
);
CREATE INDEX spent_refresh_token_session ON spent_refresh_token (session_id);
COMMENT ON TABLE spent_refresh_token IS 'Refresh tokens that were used: shown again, their session ends; kept while the session could last';
COMMENT ON COLUMN spent_refresh_token.token_hash IS 'SHA-256 of the token [owner]';
COMMENT ON COLUMN spent_refresh_token.session_id IS 'Whose [owner]';
COMMENT ON COLUMN spent_refresh_token.spent_at IS 'When it was used; UTC [owner]';
COMMENT ON COLUMN spent_refresh_token.salt IS 'With the token itself it gives the tokens that followed [owner]';

INSERT INTO spent_refresh_token (token_hash, session_id, spent_at, salt)
  SELECT spent_refresh_hash, id, '-infinity', '' FROM session WHERE spent_refresh_hash IS NOT NULL;
DROP INDEX session_spent;
ALTER TABLE session DROP COLUMN spent_refresh_hash;

ALTER TABLE sign_in_tries ENABLE ROW LEVEL SECURITY;
ALTER TABLE spent_refresh_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON sign_in_tries TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY service ON spent_refresh_token TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_tries TO panhuo_app;
GRANT SELECT, INSERT, DELETE ON spent_refresh_token TO panhuo_app;

UPDATE api_key SET expires_on = least(expires_on, ((created_at + interval '1 year') AT TIME ZONE 'Asia/Shanghai')::date);
ALTER TABLE api_key
  ALTER COLUMN expires_on SET NOT NULL,
  ADD CONSTRAINT key_works_a_year_at_most CHECK (expires_on <= (created_at AT TIME ZONE 'Asia/Shanghai')::date + 366);
COMMENT ON COLUMN api_key.expires_on IS 'Last day it works, Asia/Shanghai [owner]';
