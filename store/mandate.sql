-- name: held
-- $1 firm: what staff of the caller's parks may write for it; no row where there is no such firm.
SELECT mandated(id) AS purposes FROM firm_visible WHERE id = $1;

-- name: hold
-- $1 firm: until the act is over, no mandate of it is given or withdrawn, no account of it made (foreign keys wait).
SELECT FROM firm WHERE id = $1 FOR UPDATE;

-- name: insert
-- $1 firm, $2 mandate, $3 park, $4 purposes, $5 last day, $6 source or null.
INSERT INTO mandate (firm_id, id, park_id, purposes, ends_on, source) VALUES ($1, $2, $3, $4, $5, $6);

-- name: withdraw
-- $1 firm, $2 mandate: no row where it is withdrawn already.
UPDATE mandate SET withdrawn_at = act_at() WHERE firm_id = $1 AND id = $2 AND withdrawn_at IS NULL RETURNING true;

-- name: page
-- $1 firm or null, $2 park or null, $3 mandate or null, $4 after this id or null, $5 limit: as the caller reads them.
SELECT m.id, row_to_json(d)::text AS document FROM mandate AS m CROSS JOIN LATERAL (SELECT
  m.id, m.firm_id, m.park_id, m.purposes, m.ends_on, m.source,
  m.withdrawn_at IS NULL AND m.ends_on >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date AS is_in_force,
  m.withdrawn_at, m.recorded_at
) AS d
WHERE ($1::uuid IS NULL OR m.firm_id = $1) AND ($2::uuid IS NULL OR m.park_id = $2) AND ($3::uuid IS NULL OR m.id = $3)
  AND ($4::uuid IS NULL OR m.id > $4)
ORDER BY m.id LIMIT $5;
