-- name: insert
-- $1 park, $2 demand, $3 unit, $4 firm, $5 placement, $6 reason, $7 note or null.
INSERT INTO pin (park_id, demand_id, asset_id, firm_id, placement, reason, note) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: lock
-- $1 park, $2 demand, $3 unit: locks a pin and reads the instant after the lock; no row where there is none.
WITH locked AS MATERIALIZED (SELECT placement FROM pin
  WHERE park_id = $1 AND demand_id = $2 AND asset_id = $3 FOR UPDATE)
SELECT placement, clock_timestamp() AS at FROM locked;

-- name: delete
-- $1 park, $2 demand, $3 unit: the twin keeps it.
DELETE FROM pin WHERE park_id = $1 AND demand_id = $2 AND asset_id = $3;

-- name: of_demand
-- $1 demand: what the caller sees of its pins, JSON text, the oldest first; a note where there is one to see.
SELECT json_strip_nulls(row_to_json(p))::text FROM (
  SELECT asset_id, park_id, placement, reason, note, recorded_at FROM pin_visible WHERE demand_id = $1
    ORDER BY recorded_at, asset_id
) AS p;

-- name: past
-- $1 firm, $2 demand, $3 parks or null for all: their pins, taken away ones too, JSON text, the oldest first. Read as
-- the service.
SELECT row_to_json(p)::text FROM (
  SELECT asset_id, park_id, placement, reason, note, recorded_at, nullif(superseded_at, 'infinity') AS removed_at
    FROM pin_known
  WHERE firm_id = $1 AND demand_id = $2 AND ($3::uuid[] IS NULL OR park_id = ANY ($3)) ORDER BY recorded_at, asset_id
) AS p;
