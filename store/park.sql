-- name: insert
-- $1 facts, JSON by column name, boundary as hex WKB.
INSERT INTO park (id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  illustrative)
SELECT id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  illustrative
FROM jsonb_populate_record(
  NULL::park, '{"leading_industries": [], "negative_list": [], "illustrative": []}'::jsonb || $1::jsonb);

-- name: insert_zone
-- $1 facts, JSON by column name, boundary as hex WKB.
INSERT INTO zone (park_id, id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park,
  policies, illustrative)
SELECT park_id, id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  illustrative
FROM jsonb_populate_record(NULL::zone, '{"illustrative": []}'::jsonb || $1::jsonb);

-- name: zone_inside
-- $1 park, $2 boundary, hex WKB: area of the zone outside its park, m²; no row where there is no such park.
SELECT ST_Area(ST_Difference(ST_SetSRID($2::geometry, 4326), boundary)::geography) FROM park WHERE id = $1;

-- name: lock
-- $1 park: makes acts on the park itself wait for each other, and reads the instant after the lock.
WITH locked AS MATERIALIZED (SELECT id FROM park WHERE id = $1 FOR NO KEY UPDATE) SELECT count(*) AS found,
  clock_timestamp() AS at FROM locked;

-- name: refresh_feature
-- $1 park: the GeoJSON text readers get.
UPDATE park SET feature = '{"type":"Feature","id":"' || id || '","geometry":'
  || ST_AsGeoJSON(boundary, 7) || ',"properties":' || (
  SELECT row_to_json(p)::text FROM (SELECT NULL::uuid AS zone_of, code, name_zh, name_en, leading_industries,
    negative_list, is_chemical_park, policies, illustrative, revision) AS p
) || '}' WHERE id = $1;

-- name: refresh_zone_feature
-- $1 park, $2 zone: the GeoJSON text readers get.
UPDATE zone SET feature = '{"type":"Feature","id":"' || id || '","geometry":'
  || ST_AsGeoJSON(boundary, 7) || ',"properties":' || (
  SELECT row_to_json(p)::text FROM (
    SELECT v.zone_of, v.code, v.name_zh, v.name_en, v.leading_industries, v.negative_list, v.is_chemical_park,
      v.policies, v.illustrative, v.revision
    FROM park_visible AS v WHERE v.id = zone.id) AS p
) || '}' WHERE park_id = $1 AND id = $2;

-- name: page
-- $1 after this id or null, $2 limit: parks and zones, by id.
SELECT id, feature FROM park_visible WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2;

-- name: visible
-- $1 park or zone.
SELECT feature, revision, zone_of FROM park_visible WHERE id = $1;

-- name: is_there
-- $1 park: whether there is one.
SELECT EXISTS (SELECT FROM park WHERE id = $1);
