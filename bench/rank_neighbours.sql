-- Two neighbours beside every unit: in each park a ring in the order of the ids. Keys are not checked: they are right.
SET search_path = panhuo, public;
SET session_replication_role = replica;
WITH beside AS MATERIALIZED (
  SELECT park_id, id, coalesce(lead(id) OVER park, first_value(id) OVER park) AS neighbour_id FROM asset
  WINDOW park AS (PARTITION BY park_id ORDER BY id)
)
INSERT INTO asset_adjacency (park_id, asset_id, neighbour_id, basis)
SELECT park_id, id, neighbour_id, 'touch' FROM beside UNION ALL SELECT park_id, neighbour_id, id, 'touch' FROM beside;
SET session_replication_role = DEFAULT;
ANALYZE asset_adjacency;
