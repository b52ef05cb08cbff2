-- Filled in by store/features.py: {relation}, {feature}, {revision} of a thing, {conditions} of a collection, a caller
-- and a query, {order} and {value} of what is sorted by, {n} the limit, {columns} and {geometry} of a feature; {p1},
-- {p2}, … the parameters of a condition, {geom} the place of a feature, {instant} what `datetime` asks about, {kind}
-- the SQL type of what is sorted by.

-- name: state
-- $1 names of counters, $2 whether drafts of the caller's parks count: how many features there are, and a number that
-- another change makes another.
SELECT coalesce(sum(n), 0)::bigint AS n, coalesce(sum(version), 0)::bigint AS version
FROM counter_visible WHERE collection = ANY ($1) AND (is_public OR $2);

-- name: states
-- The same of every counter, of what the public sees.
SELECT collection, sum(n)::bigint AS n, sum(version)::bigint AS version FROM counter_visible WHERE is_public
GROUP BY collection;

-- name: page
-- Features as the bytes they are sent as, with the key of each; texts are put together of the rows of the page alone.
SELECT textsend({feature}) AS feature, id, value FROM (
  SELECT {columns}, ({value})::text AS value FROM {relation} WHERE {conditions} ORDER BY {order} LIMIT {n}) AS f;

-- name: selection
-- Features, for a reader of portions.
SELECT textsend({feature}) AS feature FROM (
  SELECT {columns} FROM {relation} WHERE {conditions} ORDER BY {order}) AS f;

-- name: single
-- {p1} id.
SELECT textsend({feature}) AS feature, {revision} AS revision FROM {relation} AS f
WHERE {conditions} AND id = {p1};

-- name: count
-- How many meet the conditions, {n} at most.
SELECT count(*) FROM (SELECT 1 FROM {relation} WHERE {conditions} LIMIT {n}) AS f;

-- name: extent
-- The box around all parks, degrees; null where there is none.
SELECT ST_XMin(b) AS west, ST_YMin(b) AS south, ST_XMax(b) AS east, ST_YMax(b) AS north
FROM (SELECT ST_Extent(boundary) AS b FROM park_visible) AS e;

-- name: listed
-- What staff are shown of units: what has lapsed in their own parks alone.
(lapsed_on IS NULL OR park_id = ANY (
  (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]));

-- name: asset_feature
-- A unit with another geometry than its outline in degrees.
'{"type":"Feature","id":"' || f.id || '","geometry":' || {geometry}
  || substr(f.flat, strpos(f.flat, ',"properties":'));

-- name: listed_feature
-- A feature of the REST list with its geometry in another system; what stands before the geometry is as long in each.
substr(feature, 1, 73) || coalesce({geometry}, 'null') || substr(feature, strpos(feature, ',"properties":'));

-- name: park_feature
-- A park or zone.
'{"type":"Feature","id":"' || f.id || '","properties":' || (
  SELECT row_to_json(p)::text FROM (SELECT f.zone_of, f.code, f.name_zh, f.name_en,
    array_to_string(f.leading_industries, ',') AS leading_industries,
    array_to_string(f.negative_list, ',') AS negative_list, f.is_chemical_park,
    array_to_string(f.policies, ',') AS policies, f.lapse_after_days,
    array_to_string(f.illustrative, ',') AS illustrative, f.revision
  ) AS p) || ',"geometry":' || {geometry} || '}';

-- name: revitalization_feature
-- What was revived.
'{"type":"Feature","id":"' || f.id || '","properties":' || (
  SELECT row_to_json(p)::text FROM (SELECT k.code AS park_code, k.name_zh AS park_name, f.kind, f.path, f.revived_on,
    f.revived_on_precision, trim_scale(f.stated_area) + 0.0 AS stated_area, f.stated_area_unit, f.clause,
    f.is_illustrative, f.unit_code, f.unit_name FROM park_visible AS k WHERE k.id = f.park_id) AS p)
  || ',"geometry":' || {geometry} || '}';

-- name: bbox
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees.
({geom} && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326)
  AND ST_Intersects({geom}, ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326)));

-- name: bbox_flat
-- The same of a box without width or height, which is a line or a point.
({geom} && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326) AND ST_Intersects({geom}, ST_Envelope(
  ST_SetSRID(ST_MakeLine(ST_MakePoint({p1}, {p2}), ST_MakePoint({p3}, {p4})), 4326))));

-- name: bbox_across_180
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees, west of 180 being east of east.
({geom} && ST_MakeEnvelope({p1}, {p2}, 180, {p4}, 4326) OR {geom} && ST_MakeEnvelope(-180, {p2}, {p3}, {p4}, 4326));

-- name: from
-- {p1} instant or day.
{instant} >= {p1};

-- name: until
-- {p1} instant or day, itself in it.
{instant} <= {p1};

-- name: after_id
-- {p1} id.
id > {p1};

-- name: after_rising
-- {p1} value as text, {p2} id: behind it; unknown values come last.
({value} > {p1}::text::{kind} OR {value} = {p1}::text::{kind} AND id > {p2} OR {value} IS NULL);

-- name: after_falling
-- {p1} value as text, {p2} id: behind it; unknown values come last.
({value} < {p1}::text::{kind} OR {value} = {p1}::text::{kind} AND id > {p2} OR {value} IS NULL);

-- name: after_unknown
-- {p1} id: among the unknown values at the end.
({value} IS NULL AND id > {p1});
