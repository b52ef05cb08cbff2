-- name: state_total
-- $1 park, $2 kind, $3 area in m², $4 source: the whole area of a park; the one before goes to the twin.
INSERT INTO park_total (park_id, kind, area_m2, source) VALUES ($1, $2, $3, $4)
ON CONFLICT (park_id, kind) DO UPDATE SET area_m2 = excluded.area_m2, source = excluded.source;

-- name: open_year
-- $1 park, $2 year: a year that nobody reported on yet.
INSERT INTO reporting_year (park_id, year) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: open_years
-- $1 park, $2 years: those that nobody reported on yet.
INSERT INTO reporting_year (park_id, year) SELECT $1, unnest($2::integer[]) ON CONFLICT DO NOTHING;

-- name: closed_among
-- $1 park, $2 years: waits for a closing under way, and keeps the others open to the end of the act; those closed.
WITH held AS MATERIALIZED (
  SELECT year, closed_at FROM reporting_year WHERE park_id = $1 AND year = ANY ($2::integer[]) ORDER BY year FOR SHARE)
SELECT year FROM held WHERE closed_at < 'infinity' ORDER BY year;

-- name: lock_year
-- $1 park, $2 year: waits for reports of that year under way; whether it is closed, and the instant after the lock.
WITH locked AS MATERIALIZED (SELECT closed_at FROM reporting_year WHERE park_id = $1 AND year = $2 FOR UPDATE)
SELECT locked.closed_at < 'infinity' AS is_closed, clock_timestamp() AS at FROM locked;

-- name: patiently
-- For the rest of the transaction.
SET LOCAL statement_timeout = '60s';

-- name: close_year
-- $1 park, $2 year, $3 instant, $4 note: from now on its reports change by corrections alone.
UPDATE reporting_year SET closed_at = $3, note = $4 WHERE park_id = $1 AND year = $2;

-- name: closed_years
-- $1 park: its closed years, the latest first.
SELECT row_to_json(d)::text FROM (SELECT year, closed_at, note FROM reporting_year
  WHERE park_id = $1 AND closed_at < 'infinity' ORDER BY year DESC) AS d;
