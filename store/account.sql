-- name: insert
-- $1 id, $2 login, $3 password hash, $4 role, $5 firm or null.
INSERT INTO account (id, login, password_hash, role, firm_id) VALUES ($1, $2, $3, $4, $5);

-- name: join_parks
-- $1 account, $2 parks.
INSERT INTO account_park (account_id, park_id) SELECT $1, p.id FROM unnest($2::uuid[]) AS p (id);

-- name: by_login
-- $1 login.
SELECT id, password_hash, is_active FROM account WHERE login = $1;

-- name: by_id
-- $1 account: what it says of itself.
SELECT id, login, role, firm_id, (SELECT coalesce(array_agg(park_id ORDER BY park_id), '{}') FROM account_park WHERE account_id = account.id) AS park_ids
FROM account WHERE id = $1;

-- name: by_access
-- $1 SHA-256 of a bearer token: the account, while token and account are good.
SELECT a.id, a.role, a.firm_id, (SELECT coalesce(array_agg(park_id), '{}') FROM account_park WHERE account_id = a.id) AS park_ids
FROM session AS s JOIN account AS a ON a.id = s.account_id
WHERE s.access_hash = $1 AND s.access_until > clock_timestamp() AND s.revoked_at IS NULL AND a.is_active;

-- name: by_key
-- $1 SHA-256 of an API key, $2 today: the account, while key and account are good.
SELECT a.id, a.role, a.firm_id, (SELECT coalesce(array_agg(park_id), '{}') FROM account_park WHERE account_id = a.id) AS park_ids
FROM api_key AS k JOIN account AS a ON a.id = k.account_id
WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_on IS NULL OR k.expires_on >= $2) AND a.is_active;

-- name: open_session
-- $1 id, $2 account, $3 hash of the access token, $4 its life, $5 hash of the refresh token, $6 its life, $7 the longest life.
INSERT INTO session (id, account_id, access_hash, access_until, refresh_hash, refresh_until, ends_at)
VALUES ($1, $2, $3, clock_timestamp() + $4::interval, $5, clock_timestamp() + $6::interval, clock_timestamp() + $7::interval);

-- name: session_by_refresh
-- $1 hash of a refresh token: its session, locked, and whether the token was already spent.
SELECT s.id, s.account_id, s.spent_refresh_hash IS NOT DISTINCT FROM $1 AS is_spent
FROM session AS s JOIN account AS a ON a.id = s.account_id
WHERE (s.refresh_hash = $1 OR s.spent_refresh_hash = $1) AND s.revoked_at IS NULL AND s.refresh_until > clock_timestamp()
  AND s.ends_at > clock_timestamp() AND a.is_active
FOR UPDATE OF s;

-- name: rotate
-- $1 session, $2 hash of the new access token, $3 its life, $4 hash of the new refresh token, $5 its life.
UPDATE session SET access_hash = $2, access_until = least(clock_timestamp() + $3::interval, ends_at), spent_refresh_hash = refresh_hash, refresh_hash = $4,
  refresh_until = least(clock_timestamp() + $5::interval, ends_at)
WHERE id = $1;

-- name: revoke_session
-- $1 session.
UPDATE session SET revoked_at = clock_timestamp() WHERE id = $1;

-- name: revoke_by_access
-- $1 hash of an access token: logs out.
UPDATE session SET revoked_at = clock_timestamp() WHERE access_hash = $1 AND revoked_at IS NULL;

-- name: insert_key
-- $1 id, $2 account, $3 label, $4 first characters, $5 hash, $6 last day or null.
INSERT INTO api_key (id, account_id, label, prefix, key_hash, expires_on) VALUES ($1, $2, $3, $4, $5, $6);

-- name: keys
-- $1 account: its keys.
SELECT row_to_json(k)::text FROM (
  SELECT id, label, prefix, created_at, expires_on, revoked_at FROM api_key WHERE account_id = $1 ORDER BY id
) AS k;

-- name: revoke_key
-- $1 key, $2 account: no row where it is not the account's or already revoked.
UPDATE api_key SET revoked_at = act_at() WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL RETURNING true;
