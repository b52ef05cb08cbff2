-- name: units
-- $1, $2 codes of parks and of units, as people write them: each unit, and how its park stands; NULL: there is none.
SELECT u.id, u.rev FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (park_code, code, n)
  LEFT JOIN LATERAL (SELECT a.id, s.rev FROM park_visible AS p
      JOIN asset_visible AS a ON a.park_id = p.id AND folded_code(a.code) = folded_code(w.code)
      JOIN park_state_visible AS s ON s.park_id = p.id
    WHERE p.code = folded_code(w.park_code) AND p.zone_of IS NULL AND a.listing = 'published'
    ORDER BY a.retired_on IS NOT NULL, a.id LIMIT 1) AS u ON true
ORDER BY w.n;

-- name: park
-- $1 code of a park: the park, and how it stands.
SELECT p.id, s.rev FROM park_visible AS p JOIN park_state_visible AS s ON s.park_id = p.id
WHERE p.code = folded_code($1) AND p.zone_of IS NULL;

-- name: address
-- $1 unit: the codes of its park and of itself, and which unit that address shows.
SELECT p.code AS park_code, a.code, (SELECT other.id FROM asset_visible AS other
    WHERE other.park_id = a.park_id AND folded_code(other.code) = folded_code(a.code) AND other.listing = 'published'
    ORDER BY other.retired_on IS NOT NULL, other.id LIMIT 1) AS shown_id, s.rev
FROM asset_visible AS a JOIN park_visible AS p ON p.id = a.park_id JOIN park_state_visible AS s ON s.park_id = p.id
WHERE a.id = $1 AND a.listing = 'published';

-- name: facts
-- $1 unit: itself, its park, its whole and what was built on it or belongs to it.
SELECT a.feature, p.code AS park_code, p.name_zh, p.name_en, ST_AsGeoJSON(p.boundary, 7) AS boundary,
  z.name_zh AS zone_zh, z.name_en AS zone_en, w.code AS whole_code, w.name AS whole_name
FROM asset_visible AS a JOIN park_visible AS p ON p.id = a.park_id LEFT JOIN park_visible AS z ON z.id = a.zone_id
  LEFT JOIN asset_visible AS w ON w.park_id = a.park_id AND w.id = a.parent_id AND w.listing = 'published'
WHERE a.id = $1 AND a.listing = 'published';

-- name: parts
-- $1 unit: what stands below it, in the order of codes.
SELECT b.code, b.name, b.level, b.availability, b.area_m2 FROM asset_visible AS a
  JOIN asset_visible AS b ON b.park_id = a.park_id AND (b.parent_id = a.id OR b.plot_id = a.id)
WHERE a.id = $1 AND b.listing = 'published' AND b.retired_on IS NULL ORDER BY b.code, b.id LIMIT 100;

-- name: neighbours
-- $1 park, $2 unit, $3 west, $4 south, $5 east, $6 north: outlines of published units there, no parts of others.
SELECT ST_AsGeoJSON(geom, 7) FROM asset_visible WHERE (park_id = $1) IS TRUE AND id <> $2 AND listing = 'published'
  AND retired_on IS NULL AND parent_id IS NULL AND geom && ST_MakeEnvelope($3, $4, $5, $6, 4326)
ORDER BY id LIMIT 200;

-- name: uses
-- $1 unit: its leaves, since when each is known to be idle, and when it is in use.
SELECT leaf_id, idle_since, lower(during) AS begins_on, upper(during) AS ends_on FROM asset_use_visible
WHERE asset_id = $1 ORDER BY leaf_id, lower(during);

-- name: park_facts
-- $1 park.
SELECT p.feature FROM park_visible AS p WHERE p.id = $1;

-- name: on_offer
-- $1 park: what is on offer, land first, in the order of codes; and how many there are.
SELECT code, name, kind, level, availability, area_m2, area_mu, rent_yuan_m2_month, price_yuan_m2, illustrative,
  count(*) OVER () AS in_all
FROM asset_visible WHERE park_id = $1 AND listing = 'published' AND retired_on IS NULL AND availability = 'available'
ORDER BY kind DESC, code, id LIMIT 500;

-- name: parks
-- Every park, with what it has on offer.
SELECT p.code, p.name_zh, p.name_en, o.n, o.land_mu, o.factory_m2 FROM park_visible AS p
  CROSS JOIN LATERAL (SELECT count(*) AS n, sum(area_mu) FILTER (WHERE kind = 'land' AND parent_id IS NULL) AS land_mu,
    sum(area_m2) FILTER (WHERE kind = 'factory' AND is_leaf) AS factory_m2
    FROM asset_visible AS a WHERE a.park_id = p.id AND a.listing = 'published' AND a.retired_on IS NULL
      AND a.availability = 'available') AS o
WHERE p.zone_of IS NULL ORDER BY p.code, p.id LIMIT 200;
