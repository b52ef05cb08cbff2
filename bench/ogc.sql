-- The anchors' table: the same rows and properties as a feature of ours, each property flat, with the indexes a filter and a box want.
CREATE SCHEMA bench;
CREATE TABLE bench.unit AS SELECT
  id, ST_Transform(geom, 4326)::geometry(MultiPolygon, 4326) AS geom, park_id::text, zone_id::text, parent_id::text, root_id::text, is_leaf, level::text,
  plot_id::text, kind::text, code, name, stated_area::float8, stated_area_unit::text, measured_area_m2::float8, available_area_m2::float8, is_divisible,
  min_divisible_m2::float8, storeys, floor_no, clear_height_m::float8, clear_height_at::text, floor_load_kn_m2::float8, crane_t::float8, span_m::float8,
  power_kva::float8, expandable_kva::float8, fire_hazard_class::text, planned_use_code::text, planned_use_system::text, far_max::float8, land_right::text,
  term_ends_on, array_to_string(allowed_paths, ',') AS allowed_paths, array_to_string(allowed_industries, ',') AS allowed_industries,
  array_to_string(forbidden_industries, ',') AS forbidden_industries, rent_yuan_m2_month::float8, property_fee_yuan_m2_month::float8,
  price_yuan_m2::float8, contribution_yuan::float8, min_lease_months, available_from, idle_basis::text, idle_since, idle_since_precision::text,
  title_is_registered, illustrative::text, area_m2::float8, area_mu::float8, usable_area_m2::float8, availability::text, revision, recorded_at
FROM panhuo.asset WHERE listing = 'published' ORDER BY id;
ALTER TABLE bench.unit ADD PRIMARY KEY (id);
CREATE INDEX unit_geom ON bench.unit USING gist (geom);
CREATE INDEX unit_code ON bench.unit (code);
CREATE INDEX unit_area ON bench.unit (area_m2);
