-- Filled in by store/flat.py: {land}, {factory}: the properties of units of either kind, from the row a of asset and
-- its park p; {flat}: the flat feature of that row.

-- name: flat
-- A GeoJSON Feature with the outline, or none; where readers want another geometry it is put in its place.
'{"type":"Feature","id":"' || a.id || '","geometry":' || coalesce(ST_AsGeoJSON(a.geom, 7), 'null')
  || ',"properties":' || CASE a.kind WHEN 'land' THEN {land} ELSE {factory} END || '}';

-- name: form
-- In which form flat features are written; null: they are not yet.
SELECT flat_form FROM instance;

-- name: count
-- How many units there are.
SELECT count(*) FROM asset;

-- name: recount
-- Counts the features of every collection anew.
SELECT recount();

-- name: set_form
-- $1 form.
UPDATE instance SET flat_form = $1;

-- name: write_some
-- $1 park, or null for all, $2 unit or null, $3 how many: the flat features of the units after it.
UPDATE asset SET flat = {flat}
FROM asset AS a JOIN park AS p ON p.id = a.park_id
WHERE asset.park_id = a.park_id AND asset.id = a.id AND a.id IN (
  SELECT id FROM asset WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3)
RETURNING asset.id;
