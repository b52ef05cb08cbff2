-- name: home
-- $1 unit: the park it lies in, its root, and whether the public sees it. Read as the service, to find the scope of an act.
SELECT park_id, root_id, listing = 'published' AS is_public FROM asset WHERE id = $1;

-- name: lock_roots
-- $1 park, $2 units: locks the rows at the top of their trees in one order, and reads the instant after the last lock.
WITH locked AS MATERIALIZED (
  SELECT id FROM asset
  WHERE park_id = $1 AND id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT array_agg(id) AS roots, clock_timestamp() AS at FROM locked;

-- name: by_key
-- $1 park, $2 unit: what the rules of an act look at.
SELECT id, root_id, parent_id, is_leaf, level, kind, storeys, floor_no, listing, availability, revision, allowed_paths, stated_area, stated_area_unit, area_m2,
  measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, illustrative, zone_id, idle_basis, stated_idle_since, completed_on, issues::text
FROM asset WHERE park_id = $1 AND id = $2;

-- name: insert
-- $1 facts, JSON by column name, geom as hex WKB, $2 issues, JSON.
INSERT INTO asset (
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva,
  expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month,
  lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since, stated_idle_since_precision, stated_idle_since_source,
  completed_on, completed_on_precision, title_is_registered, mortgage, is_seized,
  effluent_types, effluent_free_t_d, condition_grade, works, attributes, source, illustrative, listing, search, spelling,
  issues
)
SELECT
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva,
  expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month,
  lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since, stated_idle_since_precision, stated_idle_since_source,
  completed_on, completed_on_precision, title_is_registered, mortgage, is_seized,
  effluent_types, effluent_free_t_d, condition_grade, works, attributes, source, illustrative, listing, search, spelling,
  $2::jsonb
FROM jsonb_populate_record(
  NULL::asset,
  '{"is_leaf": true, "allowed_paths": [], "works": [], "attributes": {}, "illustrative": [], "listing": "draft"}'::jsonb || $1::jsonb);

-- name: named
-- $1 park, $2 unit: what it is called.
SELECT name, code FROM asset WHERE park_id = $1 AND id = $2;

-- name: amend
-- $1 park, $2 unit, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE asset SET (
  zone_id, plot_id, code, name, geom, stated_area, stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys,
  floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class, planned_use_code,
  planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries, forbidden_industries, rent_yuan_m2_month,
  property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from,
  idle_basis, stated_idle_since, stated_idle_since_precision, stated_idle_since_source,
  completed_on, completed_on_precision, title_is_registered, mortgage, is_seized,
  effluent_types, effluent_free_t_d, condition_grade, works, attributes, source, illustrative, listing, search, spelling
) = (
  SELECT
    zone_id, plot_id, code, name, geom, stated_area, stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys,
    floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class, planned_use_code,
    planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries, forbidden_industries, rent_yuan_m2_month,
    property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from,
    idle_basis, stated_idle_since, stated_idle_since_precision, stated_idle_since_source,
  completed_on, completed_on_precision, title_is_registered, mortgage, is_seized,
  effluent_types, effluent_free_t_d, condition_grade, works, attributes, source, illustrative, listing, search, spelling
  FROM jsonb_populate_record(asset, $3::jsonb)
), revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = $2;

-- name: set_issues
-- $1 park, $2 unit, $3 issues, JSON.
UPDATE asset SET issues = $3::jsonb WHERE park_id = $1 AND id = $2;

-- name: list_as
-- $1 park, $2 unit, $3 listing.
UPDATE asset SET listing = $3, revision = revision + 1, changed_at = act_at() WHERE park_id = $1 AND id = $2;

-- name: open_for_parts
-- $1 park, $2 unit: a leaf without claims becomes a whole with parts, for good; no row where a claim, past or present, lies on it.
UPDATE asset SET is_leaf = false, revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = $2 AND NOT EXISTS (SELECT FROM occupancy AS o WHERE o.park_id = $1 AND o.leaf_id = $2)
RETURNING true;

-- name: placement
-- $1 park, $2 zone or null, $3 outline, hex WKB: whether it meets the park, lies inside it, and lies inside the zone.
SELECT ST_Intersects(p.boundary, o.geom) AS meets_park, ST_CoveredBy(o.geom, p.boundary) AS inside_park,
  (SELECT ST_Intersects(z.boundary, o.geom) FROM zone AS z WHERE z.park_id = p.id AND z.id = $2) AS meets_zone
FROM park AS p, (SELECT ST_SetSRID($3::geometry, 4326) AS geom) AS o WHERE p.id = $1;

-- name: outside_whole
-- $1 park, $2 whole, $3 outline of a part, hex WKB: area of the part outside its whole, m².
SELECT ST_Area(ST_Difference(ST_SetSRID($3::geometry, 4326), geom)::geography) FROM asset WHERE park_id = $1 AND id = $2;

-- name: overlaps
-- $1 park, $2 root, $3 whole, $4 the part itself, $5 its floor, $6 its outline, hex WKB: siblings on the same floor it overlaps, with the area in m².
SELECT id, code, ST_Area(ST_Intersection(geom, ST_SetSRID($6::geometry, 4326))::geography) AS overlap_m2 FROM asset
WHERE park_id = $1 AND root_id = $2 AND parent_id = $3 AND id <> $4 AND floor_no IS NOT DISTINCT FROM $5
ORDER BY overlap_m2 DESC, id LIMIT 1;

-- name: outgrown_by
-- $1 park, $2 whole: the stated areas of its parts beyond its own, m²; null where any is unknown.
SELECT sum(part.area_m2) - whole.area_m2
FROM asset AS whole JOIN asset AS part ON part.park_id = whole.park_id AND part.parent_id = whole.id
WHERE whole.park_id = $1 AND whole.id = $2
GROUP BY whole.area_m2 HAVING bool_and(part.area_m2 IS NOT NULL);

-- name: part_outside
-- $1 park, $2 root, $3 whole, $4 its new outline, hex WKB: the part that lies farthest outside it, with the area in m².
SELECT code, ST_Area(ST_Difference(geom, ST_SetSRID($4::geometry, 4326))::geography) AS outside_m2 FROM asset
WHERE park_id = $1 AND root_id = $2 AND parent_id = $3 ORDER BY outside_m2 DESC, id LIMIT 1;

-- name: forget_neighbours
-- $1 park, $2 units: who lies beside them is known no more; the pairs that did.
DELETE FROM asset_adjacency WHERE park_id = $1 AND (asset_id = ANY ($2) OR neighbour_id = ANY ($2))
RETURNING asset_id, neighbour_id;

-- name: find_neighbours
-- $1 park, $2 unit without parts: others of its kind that lie next to it, entered both ways. Plots share at least 5 m of their edges; floors
-- of one building lie one above the other; else outlines touch within 0.5 m, on the same floor where both say which. Source: model R1 §5.9.
WITH me AS (
  SELECT id, root_id, kind, floor_no, geom FROM asset_visible WHERE park_id = $1 AND id = $2 AND is_leaf
), beside AS (
  SELECT v.id, me.id AS mine, CASE
    WHEN me.kind = 'land' THEN CASE WHEN ST_Length(ST_Intersection(ST_Boundary(me.geom), ST_Buffer(v.geom::geography, 0.5)::geometry)::geography) >= 5 THEN 'shared_edge' END
    WHEN me.root_id = v.root_id AND me.floor_no <> v.floor_no THEN
      CASE WHEN abs(me.floor_no - v.floor_no) = 1 AND ST_Area(ST_Intersection(me.geom, v.geom)::geography) > 1 THEN 'above' END
    WHEN me.floor_no = v.floor_no OR me.floor_no IS NULL OR v.floor_no IS NULL THEN 'touch' END AS basis
  FROM me JOIN asset_visible AS v ON v.park_id = $1 AND v.geom && ST_Expand(me.geom, 0.00001) AND v.id <> me.id AND v.is_leaf AND v.kind = me.kind
  WHERE ST_DWithin(me.geom::geography, v.geom::geography, 0.5)
)
INSERT INTO asset_adjacency (park_id, asset_id, neighbour_id, basis)
SELECT $1, mine, id, basis FROM beside WHERE basis IS NOT NULL UNION ALL SELECT $1, id, mine, basis FROM beside WHERE basis IS NOT NULL
RETURNING asset_id, neighbour_id;

-- name: lock_neighbours
-- $1 park: acts that draw in it wait for each other from here to their end, else two new neighbours would not meet.
SELECT pg_advisory_xact_lock(hashtextextended('adjacency ' || $1::text, 0));

-- name: refresh_availability
-- $1 park, $2 roots, $3 today: availability of every unit of these trees from claims and listing; the units it changed.
UPDATE asset SET availability = state.availability, revision = asset.revision + 1, changed_at = act_at()
FROM derived_availability($1, $2, $3) AS state WHERE asset.park_id = $1 AND asset.id = state.id AND asset.availability <> state.availability
RETURNING asset.id;

-- name: refresh_features
-- $1 park, $2 units: the GeoJSON text readers get.
UPDATE asset SET feature = asset_feature(asset) WHERE park_id = $1 AND id = ANY ($2);

-- name: leaves_of
-- $1 park, $2 units: the leaves at or below them.
WITH RECURSIVE below (id, is_leaf) AS (
  SELECT id, is_leaf FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION
  SELECT a.id, a.is_leaf FROM asset AS a JOIN below AS b ON a.park_id = $1 AND a.parent_id = b.id
)
SELECT id FROM below WHERE is_leaf ORDER BY id;

-- name: visible
-- $1 unit: what the caller sees of it.
SELECT convert_to(feature, 'UTF8') AS feature, convert_to(staff_facts, 'UTF8') AS staff_facts, revision FROM asset_visible WHERE id = $1;

-- name: versions
-- $1 park, $2 unit: what was recorded of it, the latest first.
SELECT row_to_json(v)::text FROM (
  SELECT recorded_at, nullif(superseded_at, 'infinity') AS superseded_at,
    zone_id, parent_id, is_leaf, level, plot_id, kind, code, name, stated_area, stated_area_unit, measured_area_m2, available_area_m2, is_divisible,
    min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva,
    fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
    forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month,
    lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since, stated_idle_since_precision, stated_idle_since_source,
  completed_on, completed_on_precision, title_is_registered, mortgage, is_seized,
    effluent_types, effluent_free_t_d, condition_grade, works, attributes, source, illustrative, listing
  FROM asset_known WHERE park_id = $1 AND id = $2 ORDER BY recorded_at DESC LIMIT 200
) AS v;

-- name: events
-- $1 park, $2 record: who did what to it, the latest first.
SELECT row_to_json(e)::text FROM (
  SELECT rev, n, at, act, actor_id, body::json AS changed FROM event WHERE scope_id = $1 AND subject_id = $2 ORDER BY rev DESC, n DESC LIMIT 200
) AS e;

-- name: overtaken
-- $1 today: trees whose stored availability the day has overtaken.
SELECT p.id AS park_id, array_agg(DISTINCT d.root_id) AS roots
FROM park AS p CROSS JOIN LATERAL derived_availability(p.id, NULL, $1) AS d JOIN asset AS a ON a.park_id = p.id AND a.id = d.id
WHERE a.availability <> d.availability GROUP BY p.id ORDER BY p.id;

-- name: titles
-- $1 park, $2 units: what stands for or against a transfer of their titles.
SELECT id, title_is_registered, mortgage, is_seized FROM asset WHERE park_id = $1 AND id = ANY ($2) ORDER BY id;

-- name: areas
-- $1 park, $2 units: their stated areas in m², null where unknown.
SELECT area_m2 FROM asset WHERE park_id = $1 AND id = ANY ($2) ORDER BY id;

-- name: withdraw_trees
-- $1 park, $2 units: they and their parts are on offer no more.
WITH RECURSIVE tree AS (
  SELECT id FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL SELECT a.id FROM tree JOIN asset AS a ON a.park_id = $1 AND a.parent_id = tree.id
)
UPDATE asset SET listing = 'withdrawn', revision = revision + 1, changed_at = act_at() WHERE park_id = $1 AND id IN (SELECT id FROM tree) AND listing = 'published' RETURNING id;
