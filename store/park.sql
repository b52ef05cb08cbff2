-- Filled in by store/park.py: {columns}, the facts of a park that can change; {feature}, in a system.

-- name: insert
-- $1 facts, JSON by column name, boundary as hex WKB.
INSERT INTO park (id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  lapse_after_days, illustrative)
SELECT id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  lapse_after_days, illustrative
FROM jsonb_populate_record(
  NULL::park, '{"leading_industries": [], "negative_list": [], "illustrative": [], "lapse_after_days": 90}'::jsonb
    || $1::jsonb);

-- name: home_of_zone
-- $1 zone: the park it lies in. Read as the service, to find the scope of an act.
SELECT park_id FROM zone WHERE id = $1;

-- name: revision
-- $1 park, $2 zone of it, or null for the park itself.
SELECT revision FROM park_visible WHERE id = coalesce($2::uuid, $1::uuid);

-- name: left_outside
-- $1 park, $2 outline, hex WKB, $3 slack, m²: zones that reach outside by more, units that do not meet it.
SELECT
  (SELECT count(*) FROM zone WHERE park_id = $1
    AND ST_Area(ST_Difference(boundary, ST_SetSRID($2::geometry, 4326))::geography) > $3) AS zones,
  (SELECT count(*) FROM asset WHERE park_id = $1 AND NOT ST_Intersects(
    coalesce(geom, point), ST_SetSRID($2::geometry, 4326))) AS units;

-- name: left_outside_zone
-- $1 park, $2 outline, hex WKB, $3 zone: units of the zone that do not meet it.
SELECT count(*) FROM asset WHERE park_id = $1 AND zone_id = $3
  AND NOT ST_Intersects(coalesce(geom, point), ST_SetSRID($2::geometry, 4326));

-- name: amend
-- $1 park, $2 changed facts, JSON by column name, boundary as hex WKB: what is absent stays, null clears.
UPDATE park SET (boundary, {columns}) = (
  SELECT boundary, {columns} FROM jsonb_populate_record(park, $2::jsonb)
), revision = revision + 1 WHERE id = $1;

-- name: amend_zone
-- $1 park, $2 changed facts as in `amend`, $3 zone: null has it take the fact from its park.
UPDATE zone SET (boundary, {columns}) = (
  SELECT boundary, {columns} FROM jsonb_populate_record(zone, $2::jsonb)
), revision = revision + 1, recorded_at = act_at() WHERE park_id = $1 AND id = $3;

-- name: versions
-- $1 park: what was recorded of it, JSON text, the latest first; until null: as it is now.
SELECT row_to_json(v)::text FROM (
  SELECT recorded_at AS known_from, nullif(superseded_at, 'infinity') AS known_until, code, {columns},
    ST_AsGeoJSON(boundary, 7)::json AS geometry, revision
  FROM park_known WHERE id = $1 ORDER BY recorded_at DESC LIMIT 200
) AS v;

-- name: events
-- $1 park: who did what to it, the latest first.
SELECT row_to_json(e)::text FROM (
  SELECT rev, n, at, act, actor_id, body::json AS changed FROM event WHERE scope_id = $1 AND subject_id = $1
  ORDER BY rev DESC, n DESC LIMIT 200
) AS e;

-- name: insert_zone
-- $1 facts, JSON by column name, boundary as hex WKB.
INSERT INTO zone (park_id, id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park,
  policies, lapse_after_days, illustrative)
SELECT park_id, id, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, policies,
  lapse_after_days, illustrative
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
    negative_list, is_chemical_park, policies, lapse_after_days, illustrative, revision) AS p
) || '}' WHERE id = $1;

-- name: refresh_zone_feature
-- $1 park, $2 zone or null for all: the GeoJSON text readers get.
UPDATE zone SET feature = '{"type":"Feature","id":"' || id || '","geometry":'
  || ST_AsGeoJSON(boundary, 7) || ',"properties":' || (
  SELECT row_to_json(p)::text FROM (
    SELECT v.zone_of, v.code, v.name_zh, v.name_en, v.leading_industries, v.negative_list, v.is_chemical_park,
      v.policies, v.lapse_after_days, v.illustrative, v.revision
    FROM park_visible AS v WHERE v.id = zone.id) AS p
) || '}' WHERE park_id = $1 AND ($2::uuid IS NULL OR id = $2);

-- name: page
-- $1 after this id or null, $2 limit: parks and zones, by id.
SELECT id, {feature} AS feature FROM park_visible WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2;

-- name: count
-- Parks and zones: how many.
SELECT count(*) FROM park_visible;

-- name: selection
-- Parks and zones, with the outline as text where $1 says so, for a reader of portions.
SELECT convert_to(feature, 'UTF8') AS feature, CASE WHEN $1::boolean THEN ST_AsText(boundary, 7) END AS wkt
FROM park_visible ORDER BY id;

-- name: names
-- What parks and zones are called.
SELECT id, code, name_zh, name_en FROM park_visible;

-- name: called
-- $1 code or name, in whatever case: the parks and zones that have it.
SELECT id FROM park_visible WHERE lower($1) IN (code, lower(name_zh), lower(name_en)) ORDER BY id;

-- name: at
-- $1 geometry, hex EWKB: the parks that it meets, the one that has most of it first.
SELECT id FROM park_visible WHERE zone_of IS NULL AND ST_Intersects(boundary, $1::geometry)
ORDER BY ST_Area(ST_Intersection(boundary, $1::geometry)) DESC, id;

-- name: visible
-- $1 park or zone.
SELECT {feature} AS feature, revision, zone_of FROM park_visible WHERE id = $1;

-- name: codes
-- Every park.
SELECT id, code FROM park ORDER BY id;

-- name: unknown
-- $1 ids: those that are of no park.
SELECT p.id FROM unnest($1::uuid[]) AS p (id) WHERE NOT EXISTS (SELECT FROM park WHERE id = p.id);

-- name: is_there
-- $1 park: whether there is one.
SELECT EXISTS (SELECT FROM park WHERE id = $1);
