-- name: changed
-- $1 known scopes, $2 their revs: scopes that moved on since, and the epoch. Heads of firms are left out: their acts change no space.
SELECT (SELECT epoch FROM instance) AS epoch, array_agg(head.scope_id ORDER BY head.scope_id) AS scopes, array_agg(head.rev ORDER BY head.scope_id) AS revs
FROM head LEFT JOIN unnest($1::uuid[], $2::bigint[]) AS known (scope_id, rev) ON known.scope_id = head.scope_id
WHERE head.kind <> 'firm' AND head.rev > coalesce(known.rev, 0);

-- name: columns
-- Every unit that is offered, as the ranking takes it.
SELECT id::text, park_id::text, coalesce(zone_id, park_id)::text AS facts_key, kind, available_area_m2, area_m2, measured_area_m2, is_divisible, min_divisible_m2,
  clear_height_m, clear_height_at, floor_load_kn_m2, power_kva, expandable_kva, fire_hazard_class, allowed_paths, allowed_industries, forbidden_industries,
  rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, available_from, idle_since, title_is_registered, mortgage, is_seized,
  works::text, effluent_types, effluent_free_t_d, lon_e7, lat_e7, x_e9, y_e9, z_e9
FROM asset WHERE availability = 'available' ORDER BY id;

-- name: neighbours
-- $1 greatest area of land, $2 of factory space, m² or null, $3 kinds, $4 limit: units on offer that lie next to each other and are together no larger,
-- each pair once, by id. Read as the service.
SELECT j.asset_id::text AS one, j.neighbour_id::text AS other, a.floor_no AS one_floor, b.floor_no AS other_floor
FROM asset_adjacency AS j
JOIN asset AS a ON a.park_id = j.park_id AND a.id = j.asset_id
JOIN asset AS b ON b.park_id = j.park_id AND b.id = j.neighbour_id
WHERE j.asset_id < j.neighbour_id AND a.availability = 'available' AND b.availability = 'available' AND a.kind = b.kind AND a.kind = ANY ($3)
  AND coalesce(a.usable_area_m2 + b.usable_area_m2 <= CASE a.kind WHEN 'land' THEN $1::numeric ELSE $2::numeric END, true)
ORDER BY j.asset_id, j.neighbour_id LIMIT $4;

-- name: facts
-- What parks and zones say of industry.
SELECT id::text, leading_industries, negative_list, is_chemical_park FROM park_visible ORDER BY id;

-- name: names
-- $1 units: what a list of results shows of them.
SELECT id::text, json_build_object('code', code, 'name', name, 'park_id', park_id, 'zone_id', zone_id, 'kind', kind, 'level', level,
  'illustrative', illustrative)::text AS shown FROM asset_visible WHERE id = ANY ($1::uuid[]);

-- name: unit
-- $1 unit: one unit as the ranking takes it, on offer or not. Read as the service.
SELECT id::text, park_id::text, coalesce(zone_id, park_id)::text AS facts_key, kind, available_area_m2, area_m2, measured_area_m2, is_divisible, min_divisible_m2,
  clear_height_m, clear_height_at, floor_load_kn_m2, power_kva, expandable_kva, fire_hazard_class, allowed_paths, allowed_industries, forbidden_industries,
  rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, available_from, idle_since, title_is_registered, mortgage, is_seized,
  works::text, effluent_types, effluent_free_t_d, lon_e7, lat_e7, x_e9, y_e9, z_e9
FROM asset WHERE id = $1;

-- name: offered
-- $1 unit: what the caller sees of whether it is on offer.
SELECT availability FROM asset_visible WHERE id = $1;

-- name: outlines
-- $1 units: the outline of each that the caller sees, GeoJSON text.
SELECT id::text, (feature::json -> 'geometry')::text AS geometry FROM asset_visible WHERE id = ANY ($1::uuid[]);
