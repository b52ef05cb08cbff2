-- name: insert
-- $1 firm, $2 id, $3 hash of the token, $4 last day.
INSERT INTO invitation (firm_id, id, token_hash, expires_on) VALUES ($1, $2, $3, $4);

-- name: withdraw
-- $1 firm, $2 invitation: no row where it was used or taken back.
UPDATE invitation SET withdrawn_at = act_at() WHERE firm_id = $1 AND id = $2 AND account_id IS NULL
  AND withdrawn_at IS NULL RETURNING true;

-- name: page
-- $1 firm, $2 today: its invitations, the latest first.
SELECT row_to_json(d)::text FROM (
  SELECT firm_id, id, expires_on, account_id, withdrawn_at, recorded_at,
    account_id IS NULL AND withdrawn_at IS NULL AND expires_on >= $2 AS is_open
  FROM invitation WHERE firm_id = $1 ORDER BY id DESC LIMIT 200) AS d;

-- name: open
-- $1 hash of a token, $2 today: the firm that gave it and its credit code, while it is good. Read as the service.
SELECT i.firm_id, i.id, f.credit_code FROM invitation AS i JOIN firm AS f ON f.id = i.firm_id
WHERE i.token_hash = $1 AND i.account_id IS NULL AND i.withdrawn_at IS NULL AND i.expires_on >= $2;

-- name: use
-- $1 firm, $2 invitation, $3 account that came of it: no row where it was used or taken back meanwhile.
UPDATE invitation SET account_id = $3 WHERE firm_id = $1 AND id = $2 AND account_id IS NULL AND withdrawn_at IS NULL
RETURNING true;
