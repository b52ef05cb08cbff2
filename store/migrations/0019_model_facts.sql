-- What the whole ranking model reads beyond its first version: effluent, position, condition, places and wishes of a need, policies, neighbours.

SET LOCAL search_path = panhuo, public;

ALTER TABLE asset
  ADD COLUMN effluent_types text[] CONSTRAINT effluent_types_known CHECK (effluent_types <@ ARRAY['sanitary', 'process', 'organic', 'saline', 'heavy_metal', 'electroplating', 'acid_alkali']),
  ADD COLUMN effluent_free_t_d numeric(12, 1) CONSTRAINT effluent_free_range CHECK (effluent_free_t_d >= 0 AND effluent_free_t_d <= 1e7),
  ADD COLUMN condition_grade integer CONSTRAINT condition_grade_range CHECK (condition_grade BETWEEN 1 AND 5),
  ADD COLUMN lon_e7 integer NOT NULL GENERATED ALWAYS AS (round(ST_X(ST_PointOnSurface(geom)) * 1e7)::integer) STORED,
  ADD COLUMN lat_e7 integer NOT NULL GENERATED ALWAYS AS (round(ST_Y(ST_PointOnSurface(geom)) * 1e7)::integer) STORED,
  ADD COLUMN x_e9 integer NOT NULL GENERATED ALWAYS AS (round(cos(radians(ST_Y(ST_PointOnSurface(geom)))) * cos(radians(ST_X(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED,
  ADD COLUMN y_e9 integer NOT NULL GENERATED ALWAYS AS (round(cos(radians(ST_Y(ST_PointOnSurface(geom)))) * sin(radians(ST_X(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED,
  ADD COLUMN z_e9 integer NOT NULL GENERATED ALWAYS AS (round(sin(radians(ST_Y(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED;
ALTER TABLE history.asset ADD COLUMN effluent_types text[], ADD COLUMN effluent_free_t_d numeric(12, 1), ADD COLUMN condition_grade integer;
COMMENT ON COLUMN asset.effluent_types IS 'Kinds of effluent it may discharge (可排放废水种类); NULL unknown, empty none [public]';
COMMENT ON COLUMN asset.effluent_free_t_d IS 'Discharge quota still free (剩余排放指标), t a day; NULL unknown [public]';
COMMENT ON COLUMN asset.condition_grade IS 'Surveyed state of the building (成新度), 1 worst to 5 as new; NULL not surveyed [public]';
COMMENT ON COLUMN asset.lon_e7 IS 'Longitude of a point on the outline, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.lat_e7 IS 'Latitude of that point, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.x_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.y_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.z_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
DROP TRIGGER keep_past ON asset;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
  power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
  allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
  title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types, effluent_free_t_d, condition_grade
  OR DELETE ON asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
  power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
  allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
  title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types, effluent_free_t_d, condition_grade
  );
CREATE OR REPLACE VIEW asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
    title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types, effluent_free_t_d, condition_grade
  FROM asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
    title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types, effluent_free_t_d, condition_grade
  FROM history.asset;

CREATE OR REPLACE FUNCTION asset_feature(a asset) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT '{"type":"Feature","id":"' || a.id || '","geometry":' || ST_AsGeoJSON(a.geom, 7) || ',"properties":' || (
    SELECT row_to_json(p)::text FROM (SELECT
      a.park_id, a.zone_id, a.parent_id, a.root_id, a.is_leaf, a.level, a.plot_id, a.kind, a.code, a.name, trim_scale(a.stated_area) AS stated_area,
      a.stated_area_unit, trim_scale(a.measured_area_m2) AS measured_area_m2, trim_scale(a.available_area_m2) AS available_area_m2, a.is_divisible,
      trim_scale(a.min_divisible_m2) AS min_divisible_m2, a.storeys, a.floor_no, trim_scale(a.clear_height_m) AS clear_height_m, a.clear_height_at,
      trim_scale(a.floor_load_kn_m2) AS floor_load_kn_m2, trim_scale(a.crane_t) AS crane_t, trim_scale(a.span_m) AS span_m,
      trim_scale(a.power_kva) AS power_kva, trim_scale(a.expandable_kva) AS expandable_kva, a.fire_hazard_class, a.planned_use_code,
      a.planned_use_system, trim_scale(a.far_max) AS far_max, a.land_right, a.term_ends_on, a.allowed_paths, a.allowed_industries,
      a.forbidden_industries, trim_scale(a.rent_yuan_m2_month) AS rent_yuan_m2_month,
      trim_scale(a.property_fee_yuan_m2_month) AS property_fee_yuan_m2_month, trim_scale(a.price_yuan_m2) AS price_yuan_m2,
      trim_scale(a.contribution_yuan) AS contribution_yuan, a.min_lease_months, a.available_from, a.idle_basis, a.idle_since, a.idle_since_precision,
      a.title_is_registered, a.effluent_types, trim_scale(a.effluent_free_t_d) AS effluent_free_t_d,
      a.condition_grade, a.works, a.attributes, a.source, public_names(a.illustrative) AS illustrative, a.listing, trim_scale(a.area_m2) AS area_m2,
      trim_scale(a.area_mu) AS area_mu, trim_scale(a.usable_area_m2) AS usable_area_m2, a.availability, a.revision, a.recorded_at
    ) AS p) || '}'
$$;

CREATE OR REPLACE VIEW asset_visible AS
  SELECT
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, min_lease_months,
    available_from, idle_basis, idle_since, idle_since_precision, title_is_registered, works, attributes, source, public_names(illustrative) AS illustrative, listing, area_m2,
    area_mu, usable_area_m2, availability, revision, feature, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]) THEN asset_staff_facts(asset) END AS staff_facts,
    search, spelling, effluent_types, effluent_free_t_d, condition_grade, lon_e7, lat_e7, x_e9, y_e9, z_e9
  FROM asset
  WHERE listing = 'published' OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);

-- Which units lie next to each other, both ways; derived from outlines and floors by the acts that write them.
CREATE TABLE asset_adjacency (
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  neighbour_id uuid NOT NULL,
  basis text NOT NULL CONSTRAINT adjacency_basis CHECK (basis IN ('touch', 'shared_edge', 'above')),
  PRIMARY KEY (park_id, asset_id, neighbour_id),
  CONSTRAINT adjacency_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT adjacency_neighbour FOREIGN KEY (park_id, neighbour_id) REFERENCES asset (park_id, id),
  CONSTRAINT no_neighbour_of_itself CHECK (asset_id <> neighbour_id)
);
CREATE INDEX asset_adjacency_neighbour ON asset_adjacency (park_id, neighbour_id);
COMMENT ON TABLE asset_adjacency IS 'Units without parts that lie next to each other; derived on write.';
COMMENT ON COLUMN asset_adjacency.park_id IS 'The park [public]';
COMMENT ON COLUMN asset_adjacency.asset_id IS 'The unit [public]';
COMMENT ON COLUMN asset_adjacency.neighbour_id IS 'The one beside it; the same pair stands the other way round too [public]';
COMMENT ON COLUMN asset_adjacency.basis IS 'touch: within 0.5 m; shared_edge: plots with at least 5 m of it; above: floors one above the other [public]';
ALTER TABLE asset_adjacency ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON asset_adjacency TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, DELETE ON asset_adjacency TO panhuo_app;

ALTER TABLE demand
  ADD COLUMN effluent_types text[] NOT NULL DEFAULT '{}' CONSTRAINT demand_effluent_types_known CHECK (effluent_types <@ ARRAY['sanitary', 'process', 'organic', 'saline', 'heavy_metal', 'electroplating', 'acid_alkali']),
  ADD COLUMN effluent_t_d_min numeric(12, 1) CONSTRAINT effluent_min_range CHECK (effluent_t_d_min >= 0 AND effluent_t_d_min <= 1e7),
  ADD COLUMN within geometry(MultiPolygon, 4326) CONSTRAINT within_valid CHECK (ST_IsValid(within) AND NOT ST_IsEmpty(within)),
  ADD COLUMN places jsonb NOT NULL DEFAULT '[]' CONSTRAINT places_is_a_list CHECK (jsonb_typeof(places) = 'array'),
  ADD COLUMN equipment jsonb NOT NULL DEFAULT '[]' CONSTRAINT equipment_is_a_list CHECK (jsonb_typeof(equipment) = 'array'),
  ADD COLUMN expansion_m2 numeric(16, 2) CONSTRAINT expansion_range CHECK (expansion_m2 > 0),
  ADD COLUMN policies text[] NOT NULL DEFAULT '{}' CONSTRAINT demand_policies_known CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing', 'research_subsidy', 'fast_approval', 'staged_payment']),
  ADD COLUMN template text CONSTRAINT template_length CHECK (length(template) BETWEEN 1 AND 64);
ALTER TABLE history.demand ADD COLUMN effluent_types text[], ADD COLUMN effluent_t_d_min numeric(12, 1), ADD COLUMN within geometry(MultiPolygon, 4326),
  ADD COLUMN places jsonb, ADD COLUMN equipment jsonb, ADD COLUMN expansion_m2 numeric(16, 2), ADD COLUMN policies text[], ADD COLUMN template text;
COMMENT ON COLUMN demand.effluent_types IS 'Kinds of effluent it discharges (废水种类); empty: not mentioned [staff]';
COMMENT ON COLUMN demand.effluent_t_d_min IS 'Free discharge quota it needs, t a day; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.within IS 'Where it must lie, EPSG:4326, lon lat degrees; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.places IS 'Places it wants to be near: lon, lat, weight, radius_m, name [staff]';
COMMENT ON COLUMN demand.equipment IS 'Equipment wished: item, at_least, weight [staff]';
COMMENT ON COLUMN demand.expansion_m2 IS 'Space wished beside it for later, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.policies IS 'Support wished of the park [staff]';
COMMENT ON COLUMN demand.template IS 'Sector template of importances; NULL: by the main product [staff]';
DROP TRIGGER keep_past ON demand;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
  floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
  needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances,
  output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places, equipment,
  expansion_m2, policies, template
  OR DELETE ON demand FOR EACH ROW EXECUTE FUNCTION keep_past(
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
  floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
  needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances,
  output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places, equipment,
  expansion_m2, policies, template
  );
CREATE OR REPLACE VIEW demand_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
    floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
    needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days,
    importances, output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within,
    places, equipment, expansion_m2, policies, template
  FROM demand
  UNION ALL SELECT superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
    floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
    needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days,
    importances, output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within,
    places, equipment, expansion_m2, policies, template
  FROM history.demand;

CREATE OR REPLACE FUNCTION demand_document(a demand) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    a.firm_id, a.id, a.version, a.title, a.kinds, trim_scale(a.land_area_m2_min) AS land_area_m2_min,
    trim_scale(a.land_area_m2_pref) AS land_area_m2_pref, trim_scale(a.land_area_m2_max) AS land_area_m2_max,
    trim_scale(a.floor_area_m2_min) AS floor_area_m2_min, trim_scale(a.floor_area_m2_pref) AS floor_area_m2_pref,
    trim_scale(a.floor_area_m2_max) AS floor_area_m2_max, trim_scale(a.clear_height_m_min) AS clear_height_m_min, a.clear_height_at,
    trim_scale(a.floor_load_kn_m2_min) AS floor_load_kn_m2_min, trim_scale(a.power_kva_min) AS power_kva_min,
    trim_scale(a.power_kva_pref) AS power_kva_pref, a.fire_hazard_class, a.product_codes, a.needs_chemical_park, a.accepted_paths,
    trim_scale(a.rent_yuan_m2_month_max) AS rent_yuan_m2_month_max, trim_scale(a.price_yuan_m2_max) AS price_yuan_m2_max,
    trim_scale(a.yearly_cost_yuan_max) AS yearly_cost_yuan_max, a.need_on, a.timing_tolerance_days, a.importances, a.template,
    a.effluent_types, trim_scale(a.effluent_t_d_min) AS effluent_t_d_min, ST_AsGeoJSON(a.within, 7)::json AS within, a.places, a.equipment,
    trim_scale(a.expansion_m2) AS expansion_m2, a.policies, trim_scale(a.output_yuan_year) AS output_yuan_year, trim_scale(a.tax_yuan_year) AS tax_yuan_year, a.jobs, a.attributes, a.illustrative,
    a.audience, a.listing, a.revision, a.recorded_at
  ) AS d
$$;

ALTER TABLE park ADD COLUMN policies text[] CONSTRAINT park_policies_known CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing', 'research_subsidy', 'fast_approval', 'staged_payment']);
ALTER TABLE zone ADD COLUMN policies text[] CONSTRAINT zone_policies_known CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing', 'research_subsidy', 'fast_approval', 'staged_payment']);
COMMENT ON COLUMN park.policies IS 'Support the park gives (扶持政策); NULL unknown [public]';
COMMENT ON COLUMN zone.policies IS 'Support given there; NULL: as the park [public]';
CREATE OR REPLACE VIEW park_visible AS
  SELECT id, NULL::uuid AS zone_of, code, name_zh, name_en, boundary, leading_industries, negative_list, is_chemical_park, illustrative, revision, feature, policies FROM park
  UNION ALL
  SELECT z.id, z.park_id, z.code, z.name_zh, z.name_en, z.boundary, coalesce(z.leading_industries, p.leading_industries), coalesce(z.negative_list, p.negative_list),
         coalesce(z.is_chemical_park, p.is_chemical_park), z.illustrative, z.revision, z.feature, coalesce(z.policies, p.policies)
  FROM zone AS z JOIN park AS p ON p.id = z.park_id;

ALTER TABLE firm
  ADD COLUMN is_above_scale boolean,
  ADD COLUMN lon double precision CONSTRAINT firm_lon_range CHECK (lon BETWEEN -180 AND 180),
  ADD COLUMN lat double precision CONSTRAINT firm_lat_range CHECK (lat BETWEEN -90 AND 90),
  ADD CONSTRAINT firm_place_whole CHECK ((lon IS NULL) = (lat IS NULL));
CREATE INDEX firm_anchor ON firm USING gist ((ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography)) WHERE is_above_scale AND industry_code IS NOT NULL;
COMMENT ON COLUMN firm.is_above_scale IS 'Above the designated size (规模以上); NULL unknown [staff]';
COMMENT ON COLUMN firm.lon IS 'Where it produces: longitude, degrees, EPSG:4326; NULL unknown [staff]';
COMMENT ON COLUMN firm.lat IS 'Latitude, degrees [staff]';
CREATE OR REPLACE FUNCTION firm_document(f firm) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT f.id, f.credit_code, f.name, f.industry_code, f.is_above_scale, f.lon, f.lat, f.illustrative, f.revision, f.recorded_at) AS d
$$;
