-- name: state_total
-- $1 park, $2 kind, $3 area in m², $4 source: the whole area of a park; the one before goes to the twin.
INSERT INTO park_total (park_id, kind, area_m2, source) VALUES ($1, $2, $3, $4)
ON CONFLICT (park_id, kind) DO UPDATE SET area_m2 = excluded.area_m2, source = excluded.source;
