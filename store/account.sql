-- name: insert
-- $1 id, $2 login, $3 password hash, $4 role, $5 firm or null.
INSERT INTO account (id, login, password_hash, role, firm_id) VALUES ($1, $2, $3, $4, $5);

-- name: join_parks
-- $1 account, $2 parks.
INSERT INTO account_park (account_id, park_id) SELECT $1, p.id FROM unnest($2::uuid[]) AS p (id)
ON CONFLICT DO NOTHING;

-- name: leave_parks
-- $1 account, $2 parks it stays with; approvals that it handled in others have no agent from now on.
DELETE FROM account_park WHERE account_id = $1 AND park_id <> ALL ($2::uuid[]);

-- name: lock
-- $1 account, locked, with every admin where it is one, so that of two who disable each other one is left.
SELECT id, login, role, is_active, password_hash FROM account
WHERE id = $1 OR role = 'admin' AND EXISTS (SELECT FROM account AS a WHERE a.id = $1 AND a.role = 'admin')
ORDER BY id FOR UPDATE;

-- name: set_active
-- $1 account, $2 whether it may sign in.
UPDATE account SET is_active = $2 WHERE id = $1;

-- name: set_password
-- $1 account, $2 hash.
UPDATE account SET password_hash = $2 WHERE id = $1;

-- name: end_sessions
-- $1 account, $2 hash of the access token whose session goes on, or null.
UPDATE session SET revoked_at = act_at()
WHERE account_id = $1 AND revoked_at IS NULL AND access_hash IS DISTINCT FROM $2;

-- name: revoke_keys
-- $1 account.
UPDATE api_key SET revoked_at = act_at() WHERE account_id = $1 AND revoked_at IS NULL;

-- name: page
-- $1 account or null for all, $2 parks that one of its own is among, or null for all, $3 after this id or null,
-- $4 limit: accounts as JSON text, by id. Read as the service.
SELECT a.id, row_to_json(d)::text AS document FROM account AS a
CROSS JOIN LATERAL (SELECT a.id, a.login, a.role, a.is_active, a.firm_id,
  ARRAY(SELECT park_id FROM account_park WHERE account_id = a.id ORDER BY park_id) AS park_ids, a.created_at) AS d
WHERE ($1::uuid IS NULL OR a.id = $1)
  AND ($2::uuid[] IS NULL OR EXISTS (SELECT FROM account_park WHERE account_id = a.id AND park_id = ANY ($2)))
  AND ($3::uuid IS NULL OR a.id > $3)
ORDER BY a.id LIMIT $4;

-- name: by_login
-- $1 login.
SELECT id, password_hash, is_active FROM account WHERE login = $1;

-- name: by_id
-- $1 account: what it says of itself.
SELECT id, login, role, firm_id, (SELECT coalesce(array_agg(park_id ORDER BY park_id), '{}') FROM account_park
  WHERE account_id = account.id) AS park_ids
FROM account WHERE id = $1;

-- name: acting
-- $1 account: what it may, while it is active.
SELECT id, role, firm_id, (SELECT coalesce(array_agg(park_id ORDER BY park_id), '{}') FROM account_park
  WHERE account_id = account.id) AS park_ids
FROM account WHERE id = $1 AND is_active;

-- name: secret_of
-- $1 account: its login and the hash of its password.
SELECT login, password_hash FROM account WHERE id = $1;

-- name: by_access
-- $1 SHA-256 of a bearer token: the account, while token and account are good.
SELECT a.id, a.role, a.firm_id, (SELECT coalesce(array_agg(park_id), '{}') FROM account_park
  WHERE account_id = a.id) AS park_ids
FROM session AS s JOIN account AS a ON a.id = s.account_id
WHERE s.access_hash = $1 AND s.access_until > clock_timestamp() AND s.revoked_at IS NULL AND a.is_active;

-- name: by_key
-- $1 SHA-256 of an API key, $2 today: the account, while key and account are good.
SELECT a.id, a.role, a.firm_id, (SELECT coalesce(array_agg(park_id), '{}') FROM account_park
  WHERE account_id = a.id) AS park_ids
FROM api_key AS k JOIN account AS a ON a.id = k.account_id
WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND k.expires_on >= $2 AND a.is_active;

-- name: open_session
-- $1 id, $2 account, $3 hash of the access token, $4 its life, $5 hash of the refresh token, $6 its life, $7 the
-- longest life, $8 the hash of the password that was right: no row where meanwhile it was changed or the account
-- disabled.
INSERT INTO session (id, account_id, access_hash, access_until, refresh_hash, refresh_until, ends_at)
SELECT $1, id, $3, clock_timestamp() + $4::interval, $5, clock_timestamp() + $6::interval,
  clock_timestamp() + $7::interval
FROM account WHERE id = $2 AND is_active AND password_hash = $8 FOR SHARE
RETURNING true;

-- name: session_of_refresh
-- $1 hash of a refresh token, spent or not: its session.
SELECT id FROM session WHERE refresh_hash = $1 UNION ALL SELECT session_id FROM spent_refresh_token
  WHERE token_hash = $1;

-- name: lock_session
-- $1 session: whose, and the hash of its refresh token; no row where it is over.
SELECT s.account_id, s.refresh_hash FROM session AS s JOIN account AS a ON a.id = s.account_id
WHERE s.id = $1 AND s.revoked_at IS NULL AND s.refresh_until > clock_timestamp() AND s.ends_at > clock_timestamp()
  AND a.is_active
FOR UPDATE OF s;

-- name: spent_token
-- $1 hash of a refresh token, $2 how long ago is recent: its salt, and whether it was spent so recently.
SELECT salt, spent_at > clock_timestamp() - $2::interval AS is_recent FROM spent_refresh_token WHERE token_hash = $1;

-- name: spend
-- $1 session, $2 hash of the refresh token that is spent, $3 salt; the access token that ends with it is kept as well.
INSERT INTO spent_refresh_token (token_hash, session_id, spent_at, salt, access_hash)
SELECT $2, id, clock_timestamp(), $3, access_hash FROM session WHERE id = $1;

-- name: rotate
-- $1 session, $2 hash of the new access token, $3 its life, $4 hash of the new refresh token, $5 its life.
UPDATE session SET access_hash = $2, access_until = least(clock_timestamp() + $3::interval, ends_at),
  refresh_hash = $4, refresh_until = least(clock_timestamp() + $5::interval, ends_at)
WHERE id = $1;

-- name: revoke_session
-- $1 session.
UPDATE session SET revoked_at = clock_timestamp() WHERE id = $1;

-- name: revoke_by_access
-- $1 hash of an access token, which may have run out or been followed by another: whose session ended, now or before.
-- The session is found first, so that one whose tokens are being changed ends all the same.
UPDATE session SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = (
  SELECT id FROM session WHERE access_hash = $1
  UNION ALL SELECT session_id FROM spent_refresh_token WHERE access_hash = $1 LIMIT 1)
RETURNING account_id;

-- name: count_tries
-- $1 what is counted, $2 for how long: tries so far by each, this one included, and seconds until it begins anew.
-- Here and below rows are locked by key in one order, so that tries at once wait for each other and never in a ring.
INSERT INTO sign_in_tries AS t (key, tries, ends_at)
SELECT key, 1, clock_timestamp() + $2::interval FROM unnest($1::bytea[]) AS one (key) ORDER BY key
ON CONFLICT (key) DO UPDATE SET tries = CASE WHEN t.ends_at > clock_timestamp() THEN t.tries + 1 ELSE 1 END,
  ends_at = CASE WHEN t.ends_at > clock_timestamp() THEN t.ends_at ELSE excluded.ends_at END
RETURNING key, tries, ceil(extract(epoch FROM ends_at - clock_timestamp()))::integer AS seconds_left;

-- name: forget_tries
-- $1 what is counted.
WITH locked AS MATERIALIZED (SELECT key FROM sign_in_tries WHERE key = ANY ($1::bytea[]) ORDER BY key FOR UPDATE)
DELETE FROM sign_in_tries WHERE key IN (SELECT key FROM locked);

-- name: take_back_tries
-- $1 what is counted: one try less of each.
WITH locked AS MATERIALIZED (SELECT key FROM sign_in_tries WHERE key = ANY ($1::bytea[]) ORDER BY key FOR UPDATE)
UPDATE sign_in_tries SET tries = greatest(tries - 1, 0) WHERE key IN (SELECT key FROM locked);

-- name: purge_tries
WITH locked AS MATERIALIZED (
  SELECT key FROM sign_in_tries WHERE ends_at <= clock_timestamp() FOR UPDATE SKIP LOCKED
)
DELETE FROM sign_in_tries WHERE key IN (SELECT key FROM locked);

-- name: purge_spent_tokens
DELETE FROM spent_refresh_token AS t USING session AS s WHERE s.id = t.session_id AND s.ends_at <= clock_timestamp();

-- name: insert_key
-- $1 id, $2 account, $3 label, $4 first characters, $5 hash, $6 last day.
INSERT INTO api_key (id, account_id, label, prefix, key_hash, expires_on) VALUES ($1, $2, $3, $4, $5, $6);

-- name: keys
-- $1 account: its keys.
SELECT row_to_json(k)::text FROM (
  SELECT id, label, prefix, created_at, expires_on, revoked_at FROM api_key WHERE account_id = $1 ORDER BY id
) AS k;

-- name: revoke_key
-- $1 key, $2 account or null for any: whose it is; no row where it is not the account's or already revoked.
UPDATE api_key SET revoked_at = act_at()
WHERE id = $1 AND ($2::uuid IS NULL OR account_id = $2) AND revoked_at IS NULL RETURNING account_id;
