-- Filled in by store/catalogue.py: {where}, which units, by a query of this file; {figures}, the fields that are read
-- by themselves.

-- name: changed
-- $1 known scopes, $2 their revs: scopes that moved on since, and the epoch. Heads of firms are left out: their acts
-- change no space; what parks read of firms has a count of its own.
SELECT (SELECT epoch FROM instance) AS epoch, array_agg(head.scope_id ORDER BY head.scope_id) AS scopes,
  array_agg(head.rev ORDER BY head.scope_id) AS revs
FROM (
  SELECT scope_id, rev FROM head WHERE kind <> 'firm' UNION ALL SELECT id, rev FROM firm_fact
) AS head LEFT JOIN unnest($1::uuid[], $2::bigint[]) AS known (scope_id, rev) ON known.scope_id = head.scope_id
WHERE head.rev > coalesce(known.rev, 0);

-- name: packed
-- Units as whole numbers without NULL, so that every row is as wide as the first. Read as the service. -1 is unknown,
-- of a position the least of 32 bits. Figures in the steps of `matching/catalogue/columns.py`, areas in 0.000001 m²;
-- dates as days, 0001-01-01 is 1; `lists` tells apart what stands in the unit's lists, `has_works` how many works it
-- has: both are fetched by themselves. `root_id` is that of a part without parts; what is a whole, or has parts, has
-- none and never folds: all zeros.
SELECT id, coalesce(zone_id, park_id) AS facts_key,
  (availability = 'available' AND lapsed_on IS NULL)::int::int2 AS is_offered,
  hash_array_extended(allowed_paths, 1) # coalesce(hash_array_extended(allowed_industries, 2), 1)
    # coalesce(hash_array_extended(forbidden_industries, 3), 1) # coalesce(hash_array_extended(effluent_types, 4), 0)
    # coalesce(hash_array_extended(connections, 6), 0)
    # CASE WHEN attributes ?| ARRAY['goods_lift_t', 'dock_doors', 'gas_m3_d', 'steam_t_h', 'water_t_d',
      'has_sprinklers', 'has_independent_yard', 'has_industrial_wwtp']
      THEN jsonb_hash_extended(attributes, 5) ELSE 0 END AS lists,
  jsonb_array_length(works)::int2 AS has_works,
  (CASE kind WHEN 'land' THEN 0 WHEN 'factory' THEN 1 ELSE -1 END)::int2 AS kind,
  coalesce((usable_area_m2 * 1000000)::int8, -1) AS area,
  (CASE WHEN available_area_m2 IS NOT NULL THEN 0 WHEN area_m2 IS NOT NULL THEN 1 ELSE 2 END)::int2 AS area_basis,
  (CASE coalesce(clear_height_at, inherited ->> 'clear_height_at') WHEN 'under_beam' THEN 0 WHEN 'under_hook' THEN 1
    ELSE -1 END)::int2 AS clear_height_at,
  coalesce(ascii(fire_hazard_class) - 64, -1)::int2 AS fire_hazard_class,
  (CASE mortgage WHEN 'unreleased' THEN 0 WHEN 'consented' THEN 1 WHEN 'none' THEN 2 WHEN 'released' THEN 2 ELSE -1
    END)::int2 AS mortgage,
  coalesce(trunc((attributes ->> 'built_year')::numeric), -1)::int2 AS built_year,
  {figures},
  coalesce(lon_e7, -2147483648) AS lon_e7, coalesce(lat_e7, -2147483648) AS lat_e7,
  coalesce(x_e9, -2147483648) AS x_e9, coalesce(y_e9, -2147483648) AS y_e9, coalesce(z_e9, -2147483648) AS z_e9,
  CASE WHEN is_leaf AND parent_id IS NOT NULL THEN root_id ELSE '00000000-0000-0000-0000-000000000000' END AS root_id
FROM asset {where}

-- name: where_offered
-- Every unit that is on offer, its listing not lapsed.
WHERE availability = 'available' AND lapsed_on IS NULL

-- name: where_lapsed
-- Every unit on offer whose listing has lapsed.
WHERE lapsed_on IS NOT NULL

-- name: where_changed
-- $1 scopes, $2 their known revs: the units that acts unseen until now have touched, on offer or not, and those beside
-- them until now. An act and its events have one instant.
WHERE (park_id, id) IN (
  WITH unseen AS MATERIALIZED (
    SELECT event.scope_id, event.at, event.act, event.subject_id
      FROM unnest($1::uuid[], $2::bigint[]) AS known (scope_id, rev)
    JOIN event ON event.scope_id = known.scope_id AND event.rev > known.rev
  ), touched AS MATERIALIZED (
    SELECT a.park_id, a.id FROM asset a WHERE (a.park_id, a.changed_at) IN (SELECT scope_id, at FROM unseen)
  )
  SELECT t.park_id, t.id FROM touched t
  UNION SELECT scope_id, subject_id FROM unseen WHERE act = 'asset.parted'
  UNION SELECT j.park_id, j.neighbour_id FROM touched t
    JOIN asset_adjacency j ON j.park_id = t.park_id AND j.asset_id = t.id)

-- name: where_one
-- $1 unit, on offer or not.
WHERE id = $1::uuid

-- name: lists
-- $1 units, one for every set of lists that is not known yet.
SELECT id, allowed_paths, allowed_industries, forbidden_industries, effluent_types, connections,
  CASE WHEN attributes ?| ARRAY['goods_lift_t', 'dock_doors', 'gas_m3_d', 'steam_t_h', 'water_t_d', 'has_sprinklers',
  'has_independent_yard', 'has_industrial_wwtp'] THEN attributes::text END AS attributes
FROM asset WHERE id = ANY ($1::uuid[]) ORDER BY id;

-- name: works
-- $1 units with works: what could be built.
SELECT id, works::text FROM asset WHERE id = ANY ($1::uuid[]) ORDER BY id;

-- name: beside
-- $1 units; with their parks, by which neighbours are found: the area on offer beside those that have some, 0.01 m².
SELECT j.asset_id, coalesce(sum(n.usable_area_m2 * 100), 0)::int8 AS adjacent_m2
FROM asset_adjacency j JOIN asset n ON n.park_id = j.park_id AND n.id = j.neighbour_id
WHERE n.availability = 'available' AND n.lapsed_on IS NULL AND n.is_leaf
  AND (j.park_id, j.asset_id) IN (SELECT park_id, id FROM asset WHERE id = ANY ($1::uuid[]))
GROUP BY j.asset_id;

-- name: beside_each
-- Every two units without parts that lie beside each other, once: summed outside, as a sum of every unit's takes
-- longer here than reading them all.
SELECT asset_id AS id, neighbour_id FROM asset_adjacency WHERE asset_id < neighbour_id

-- name: one_snapshot
-- First in its transaction: what is read in several statements is of one moment. A million units take longer than a
-- request may, and a plan kept for any units would read them all for a few.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = 0;
  SET LOCAL plan_cache_mode = force_custom_plan;

-- name: neighbours
-- $1 greatest area of land, $2 of factory space, m² or null, $3 kinds, $4 limit: units on offer that lie next to each
-- other and are together no larger, each pair once, by id. Read as the service.
SELECT j.asset_id::text AS one, j.neighbour_id::text AS other, a.floor_no AS one_floor, b.floor_no AS other_floor
FROM asset_adjacency AS j
JOIN asset AS a ON a.park_id = j.park_id AND a.id = j.asset_id
JOIN asset AS b ON b.park_id = j.park_id AND b.id = j.neighbour_id
WHERE j.asset_id < j.neighbour_id AND a.availability = 'available' AND b.availability = 'available' AND a.kind = b.kind
  AND a.lapsed_on IS NULL AND b.lapsed_on IS NULL AND a.kind = ANY ($3)
  -- what is too large alone is not looked beside
  AND coalesce(a.usable_area_m2 <= CASE a.kind WHEN 'land' THEN $1::numeric ELSE $2::numeric END, true)
  AND coalesce(
    a.usable_area_m2 + b.usable_area_m2 <= CASE a.kind WHEN 'land' THEN $1::numeric ELSE $2::numeric END, true)
ORDER BY j.asset_id, j.neighbour_id LIMIT $4;

-- name: facts
-- $1 scopes, or null for all, $2 how far an anchor reaches, m: what their parks and zones say of industry and support,
-- the industries of the firms present today, also those past their term of which nobody said that they left, a point
-- of each, and the above-scale firms around with their places. NULL: nobody knows.
SELECT v.id::text, v.leading_industries, v.negative_list, v.is_chemical_park, v.policies, ST_X(v.point) AS lon,
  ST_Y(v.point) AS lat, (SELECT CASE WHEN count(*) > 0 AND count(f.industry_code) = 0 THEN NULL
      ELSE coalesce(array_agg(f.industry_code ORDER BY f.industry_code) FILTER (WHERE f.industry_code IS NOT NULL),
        '{}') END
    FROM (
      SELECT DISTINCT o.holder_id FROM occupancy AS o JOIN asset AS a ON a.park_id = o.park_id AND a.id = o.leaf_id
      WHERE o.park_id = coalesce(v.zone_of, v.id) AND (v.zone_of IS NULL OR a.zone_id = v.id) AND o.claim = 'use'
        AND o.source_kind = 'tenancy'
        AND o.during @> (now() AT TIME ZONE 'Asia/Shanghai')::date
      UNION SELECT t.firm_id FROM tenancy AS t JOIN asset AS a ON a.park_id = t.park_id AND a.id = t.asset_id
      WHERE t.park_id = coalesce(v.zone_of, v.id) AND (v.zone_of IS NULL OR a.zone_id = v.id) AND t.left_on IS NULL
        AND t.renewed_from IS NULL
        AND NOT t.is_corrected AND NOT upper_inf(t.during)
          AND upper(t.during) <= (now() AT TIME ZONE 'Asia/Shanghai')::date
    ) AS present (holder_id) JOIN firm AS f ON f.id = present.holder_id) AS tenants,
  CASE WHEN EXISTS (SELECT FROM firm AS f WHERE f.is_above_scale AND f.lon IS NOT NULL) THEN
    (SELECT coalesce(json_agg(json_build_array(f.industry_code, f.lon, f.lat) ORDER BY f.id), '[]')::text
      FROM firm AS f
      WHERE f.is_above_scale AND f.industry_code IS NOT NULL AND f.lon IS NOT NULL
        AND ST_DWithin(ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326)::geography, v.point::geography, $2)) END AS firms
FROM (
  SELECT id, zone_of, leading_industries, negative_list, is_chemical_park, policies,
    ST_PointOnSurface(boundary) AS point FROM park_visible
  WHERE $1::uuid[] IS NULL OR id = ANY ($1::uuid[]) OR zone_of = ANY ($1::uuid[])
) AS v ORDER BY v.id;

-- name: names
-- $1 units: what a list of results shows of them.
SELECT id::text, json_build_object('code', code, 'name', name, 'park_id', park_id, 'zone_id', zone_id, 'kind', kind,
  'level', level, 'illustrative', illustrative, 'is_lapsed', is_lapsed, 'checked_on', checked_on)::text AS shown FROM asset_visible WHERE id = ANY ($1::uuid[]);

-- name: offered
-- $1 unit: what the caller sees of whether it is on offer.
SELECT availability FROM asset_visible WHERE id = $1;

-- name: outlines
-- $1 units: the outline of each that the caller sees, GeoJSON text.
SELECT id::text, (feature::json -> 'geometry')::text AS geometry FROM asset_visible WHERE id = ANY ($1::uuid[]);
