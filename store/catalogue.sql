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
