-- Filled in by store/flat.py: {land}, {factory}: the properties of units of either kind, from the row a of asset and
-- its park p; {flat}: the flat feature of that row.

-- name: flat
-- A GeoJSON Feature as far as its geometry, which a reader chooses.
'{"type":"Feature","id":"' || a.id || '","properties":' || CASE a.kind WHEN 'land' THEN {land} ELSE {factory} END
  || ',"geometry":';

-- name: form
-- In which form flat features are written; null: they are not yet.
SELECT form FROM flat_form;

-- name: set_form
-- $1 form.
INSERT INTO flat_form (form) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET form = excluded.form;

-- name: write_some
-- $1 unit or null, $2 how many: the flat features of the units after it.
UPDATE asset SET flat = {flat}
FROM asset AS a JOIN park AS p ON p.id = a.park_id
WHERE asset.park_id = a.park_id AND asset.id = a.id AND a.id IN (
  SELECT id FROM asset WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2)
RETURNING asset.id;
