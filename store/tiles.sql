-- Filled in by store/tiles.py: {relation} and {conditions} of a collection, {place} where a feature lies, {properties}
-- of a feature or {sums} of a park, {counted} the rows summed, {rows} of the layer and its name, {layer}; {area_mu}
-- and {area_m2} the stated area in that unit. Parameters of a tile: $1 to $4 its box in EPSG:3857, west, south, east,
-- north, metres; $5 to $8 the same in degrees, with what is drawn beyond its edge; $9 to $12 first and last column,
-- first and last row of the cells under it.

-- name: states
-- $1, $2 first and last columns, $3, $4 first and last rows of cells, a tile each: what tells states of each apart,
-- in their order, and those of the outlines of parks.
SELECT version, (SELECT coalesce(sum(version), 0)::bigint FROM counter_visible
  WHERE collection = 'parks' AND is_public) AS parks
FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::integer[])
    WITH ORDINALITY AS t (west, east, north, south, n)
  CROSS JOIN LATERAL (SELECT coalesce(sum(version), 0)::bigint AS version FROM tile_version_visible
    WHERE x BETWEEN t.west AND t.east AND y BETWEEN t.north AND t.south) AS v
ORDER BY t.n;

-- name: tile
-- {rows} of the layer: its bytes, and the states that `states` gives when they are made; no bytes where it is empty.
SELECT (SELECT coalesce(sum(version), 0)::bigint FROM tile_version_visible
  WHERE x BETWEEN $9 AND $10 AND y BETWEEN $11 AND $12) AS version,
  (SELECT coalesce(sum(version), 0)::bigint FROM counter_visible WHERE collection = 'parks' AND is_public) AS parks,
  coalesce(ST_AsMVT(f, {layer}, 4096, 'place', 'number'), '') AS body
FROM ({rows} OFFSET 0) AS f WHERE f.place IS NOT NULL;

-- name: features
-- What lies in the tile, in the order of ids.
SELECT uuid_hash_extended(id, 0) & 9007199254740991 AS number, id::text AS id, {properties},
  ST_AsMVTGeom(ST_Transform({place}, 3857), ST_MakeEnvelope($1, $2, $3, $4, 3857), 4096, 64) AS place
FROM {relation} WHERE {conditions} AND {place} && ST_MakeEnvelope($5, $6, $7, $8, 4326) ORDER BY {relation}.id;

-- name: outlines
-- The same of parks: one that is smaller than a step of the tile is a point.
SELECT uuid_hash_extended(id, 0) & 9007199254740991 AS number, id::text AS id, {properties},
  coalesce(ST_AsMVTGeom(ST_Transform({place}, 3857), ST_MakeEnvelope($1, $2, $3, $4, 3857), 4096, 64),
    ST_AsMVTGeom(ST_Transform(ST_PointOnSurface({place}), 3857), ST_MakeEnvelope($1, $2, $3, $4, 3857), 4096, 0)
  ) AS place
FROM {relation} WHERE {conditions} AND ST_Intersects({place}, ST_MakeEnvelope($5, $6, $7, $8, 4326))
ORDER BY {relation}.id;

-- name: park_points
-- The parks whose point lies in the tile, and what the collection holds in each.
SELECT uuid_hash_extended(p.id, 0) & 9007199254740991 AS number, p.id::text AS id, p.code, p.name_zh, s.*,
  ST_AsMVTGeom(p.point, ST_MakeEnvelope($1, $2, $3, $4, 3857), 4096, 64) AS place
FROM (SELECT id, code, name_zh, ST_Transform(ST_PointOnSurface(boundary), 3857) AS point
    FROM park_visible WHERE zone_of IS NULL AND boundary && ST_MakeEnvelope($5, $6, $7, $8, 4326)) AS p
  CROSS JOIN LATERAL (SELECT {sums} FROM {relation} AS u WHERE park_id = p.id AND {counted}) AS s
WHERE ST_Intersects(p.point, ST_MakeEnvelope($1, $2, $3, $4, 3857)) AND s.units > 0 ORDER BY p.id;

-- name: sums_of_units
-- Of units of one kind.
count(*)::integer AS units, round(sum(area_mu), 2)::float8 AS area_mu, round(sum(area_m2), 2)::float8 AS area_m2;

-- name: counted_units
-- Units of the collection that are no parts of others in it.
{conditions} AND (u.parent_id IS NULL
  OR NOT EXISTS (SELECT FROM {relation} AS w WHERE w.park_id = u.park_id AND w.id = u.parent_id AND {conditions})
  AND NOT EXISTS (SELECT FROM {relation} AS w WHERE w.park_id = u.park_id AND w.id = u.root_id AND {conditions}));

-- name: sums_of_revivals
-- Land and factory space are never summed.
count(*)::integer AS units, round(sum({area_mu}) FILTER (WHERE kind = 'land'), 2)::float8 AS land_area_mu,
round(sum({area_m2}) FILTER (WHERE kind = 'factory'), 2)::float8 AS factory_area_m2;
