-- Filled in by store/sign_up.py: {deciders}, the condition that the caller's parks decide on a sign-up. All are read
-- as the service.

-- name: deciders
-- $1 parks of the caller, or null for an admin. A firm that has an account is joined by its invitation alone; a known
-- one is accepted where it is kept or has a deal, a new one by the park that was named.
CASE WHEN f.id IS NULL THEN $1::uuid[] IS NULL OR s.park_id = ANY ($1)
  ELSE NOT EXISTS (SELECT FROM account AS a WHERE a.firm_id = f.id) AND ($1::uuid[] IS NULL
    OR f.registering_park_id = ANY ($1) OR EXISTS (SELECT FROM outcome AS o
      WHERE (o.firm_id = f.id OR o.owner_firm_id = f.id) AND o.park_id = ANY ($1)
        AND o.stage NOT IN ('withdrawn', 'rejected', 'corrected'))) END

-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO sign_up (park_id, id, credit_code, firm_name, login, password_hash, name, phone, mail, consent,
  received_at)
SELECT park_id, id, credit_code, firm_name, login, password_hash, name, phone, mail, consent, act_at()
FROM jsonb_populate_record(NULL::sign_up, $1::jsonb);

-- name: page
-- $1 parks or null, $2 one sign-up or null for all, $3 after this id or null, $4 limit: those the caller decides on.
SELECT s.id, s.park_id, f.id AS firm_id, row_to_json(d)::text AS document
FROM sign_up AS s LEFT JOIN firm AS f ON f.credit_code = s.credit_code
CROSS JOIN LATERAL (SELECT s.park_id, s.id, s.credit_code, s.firm_name, f.id AS firm_id, s.login, s.name, s.phone,
  s.mail, s.consent, s.received_at) AS d
WHERE {deciders} AND ($2::uuid IS NULL OR s.id = $2) AND ($3::uuid IS NULL OR s.id > $3) ORDER BY s.id LIMIT $4;

-- name: lock
-- $1 parks or null, $2 sign-up: locked, where the caller still decides on it.
SELECT s.park_id, s.credit_code, s.firm_name, s.login, s.password_hash, f.id AS firm_id
FROM sign_up AS s LEFT JOIN firm AS f ON f.credit_code = s.credit_code
WHERE s.id = $2 AND {deciders} FOR UPDATE OF s;

-- name: has_account
-- $1 firm: whether somebody speaks for it already.
SELECT EXISTS (SELECT FROM account WHERE firm_id = $1);

-- name: remove
-- $1 sign-up: gone, with who signed up.
DELETE FROM sign_up WHERE id = $1 RETURNING true;

-- name: remove_all
-- $1 credit code: the firm has an account, so that nobody decides on these any more.
DELETE FROM sign_up WHERE credit_code = $1;

-- name: purge
-- $1 today, $2 days: those that nobody decided on in that time.
DELETE FROM sign_up WHERE (received_at AT TIME ZONE 'Asia/Shanghai')::date + $2::integer <= $1;
