-- name: locked
-- $1 park, $2 plot under the lock of its tree: its kind, and the revision of what is known of its development or null.
SELECT a.kind, d.revision FROM asset AS a LEFT JOIN development AS d ON d.park_id = a.park_id AND d.asset_id = a.id
WHERE a.park_id = $1 AND a.id = $2;

-- name: state
-- $1 facts, JSON by column name: takes the place of what was stated before.
INSERT INTO development (park_id, asset_id, agreed_start_on, delivered_on, land_permit_on, has_started, started_on,
  stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan,
  determination_no, determined_on, cause, source)
SELECT park_id, asset_id, agreed_start_on, delivered_on, land_permit_on, has_started, started_on,
  stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan,
  determination_no, determined_on, cause, source FROM jsonb_populate_record(NULL::development, $1::jsonb)
ON CONFLICT (park_id, asset_id) DO UPDATE SET (agreed_start_on, delivered_on, land_permit_on, has_started, started_on,
  stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan,
  determination_no, determined_on, cause, source) = (
  excluded.agreed_start_on, excluded.delivered_on, excluded.land_permit_on, excluded.has_started, excluded.started_on,
  excluded.stopped_on, excluded.due_area_m2, excluded.developed_area_m2, excluded.planned_investment_yuan,
  excluded.invested_yuan, excluded.land_price_yuan,
  excluded.determination_no, excluded.determined_on, excluded.cause, excluded.source),
  revision = development.revision + 1;

-- name: known
-- $1 park, $2 plot, $3 as known at or null: what is known of its development.
SELECT d.agreed_start_on, d.delivered_on, d.land_permit_on, d.has_started, d.started_on, d.stopped_on, d.due_area_m2,
  d.developed_area_m2, d.planned_investment_yuan, d.invested_yuan, d.land_price_yuan, d.determination_no,
  d.determined_on, d.cause, d.source, d.recorded_at
FROM development_known AS d WHERE d.park_id = $1 AND d.asset_id = $2
  AND ($3::timestamptz IS NULL AND d.superseded_at = 'infinity' OR d.recorded_at <= $3 AND d.superseded_at > $3);

-- name: revision
-- $1 park, $2 plot.
SELECT revision FROM development WHERE park_id = $1 AND asset_id = $2;

-- name: labels
-- $1 park, $2 plot: the local labels, which are no part of Order 53.
SELECT kind, idle_basis, idle_since, stated_idle_since, attributes ->> 'stuck_type' AS stuck_type FROM asset
  WHERE park_id = $1 AND id = $2;
