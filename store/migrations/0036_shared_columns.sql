-- Columns that several rules need: since when a unit is idle as its uses say it, beside what staff entered; when a building was
-- completed; the group of a firm; a deal about land alone; the tenancy a deal renews.

SET LOCAL search_path = panhuo, public;

-- What staff entered keeps its value under a name that says so; `idle_since` is derived from uses by every act that touches the unit.
ALTER TABLE asset RENAME COLUMN idle_since TO stated_idle_since;
ALTER TABLE asset RENAME COLUMN idle_since_precision TO stated_idle_since_precision;
ALTER TABLE asset RENAME CONSTRAINT idle_since_precision_known TO stated_idle_since_precision_known;
ALTER TABLE history.asset RENAME COLUMN idle_since TO stated_idle_since;
ALTER TABLE history.asset RENAME COLUMN idle_since_precision TO stated_idle_since_precision;
ALTER TABLE asset
  ADD COLUMN stated_idle_since_source text,
  ADD COLUMN idle_since date,
  ADD COLUMN idle_since_precision text
    CONSTRAINT idle_since_precision_known CHECK (idle_since_precision IN ('day', 'month', 'year')),
  ADD COLUMN completed_on date,
  ADD COLUMN completed_on_precision text
    CONSTRAINT completed_on_precision_known CHECK (completed_on_precision IN ('day', 'month', 'year')),
  ADD CONSTRAINT completion_has_a_precision CHECK ((completed_on IS NULL) = (completed_on_precision IS NULL)),
  ADD CONSTRAINT idle_start_has_a_precision CHECK ((idle_since IS NULL) = (idle_since_precision IS NULL));
ALTER TABLE history.asset
  ADD COLUMN completed_on date, ADD COLUMN completed_on_precision text, ADD COLUMN stated_idle_since_source text;
ALTER TABLE asset DISABLE TRIGGER keep_past;  -- the name of a field is no fact
UPDATE asset SET illustrative = array_replace(array_replace(illustrative, 'idle_since', 'stated_idle_since'),
  'idle_since_precision', 'stated_idle_since_precision') WHERE 'idle_since' = ANY (illustrative);
ALTER TABLE asset ENABLE TRIGGER keep_past;
COMMENT ON COLUMN asset.stated_idle_since IS 'Idle since, as entered; idle_basis is its ground [public]';
COMMENT ON COLUMN asset.stated_idle_since_precision IS 'How exactly stated_idle_since is known [public]';
COMMENT ON COLUMN asset.stated_idle_since_source IS 'Where stated_idle_since comes from [public]';
COMMENT ON COLUMN asset.idle_since IS 'First day without use, derived from its uses and what was entered; NULL: in use, to verify, or not known [public]';
COMMENT ON COLUMN asset.idle_since_precision IS 'How exactly idle_since is known [public]';
COMMENT ON COLUMN asset.completed_on IS 'Day the building was completed (竣工); parts without one follow their building; NULL unknown [public]';
COMMENT ON COLUMN asset.completed_on_precision IS 'How exactly completed_on is known [public]';
DROP VIEW asset_visible;
CREATE VIEW asset_visible AS
  SELECT
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit,
    measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at,
    floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max,
    land_right, term_ends_on, allowed_paths, allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month,
    price_yuan_m2, contribution_yuan, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
    stated_idle_since, stated_idle_since_precision, stated_idle_since_source, completed_on, completed_on_precision,
    title_is_registered, works, attributes, source, public_names(illustrative) AS illustrative, listing, area_m2, area_mu,
    usable_area_m2, availability, revision, feature, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
      THEN asset_staff_facts(asset) END AS staff_facts,
    search, spelling, effluent_types, effluent_free_t_d, condition_grade, lon_e7, lat_e7, x_e9, y_e9, z_e9
  FROM asset
  WHERE listing = 'published'
    OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);
GRANT SELECT ON asset_visible TO panhuo_app, panhuo_public;
DROP TRIGGER keep_past ON asset;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
  power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
  allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
  stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types,
  effluent_free_t_d, condition_grade, completed_on, completed_on_precision, stated_idle_since_source
  OR DELETE ON asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
  power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
  allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
  stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types,
  effluent_free_t_d, condition_grade, completed_on, completed_on_precision, stated_idle_since_source
  );
DROP VIEW asset_known;
CREATE VIEW asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
    stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types,
    effluent_free_t_d, condition_grade, completed_on, completed_on_precision, stated_idle_since_source
  FROM asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
    stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing, effluent_types,
    effluent_free_t_d, condition_grade, completed_on, completed_on_precision, stated_idle_since_source
  FROM history.asset;
GRANT SELECT ON asset_known TO panhuo_app;

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
      a.stated_idle_since, a.stated_idle_since_precision, a.stated_idle_since_source, a.completed_on, a.completed_on_precision,
      a.title_is_registered, a.effluent_types, trim_scale(a.effluent_free_t_d) AS effluent_free_t_d,
      a.condition_grade, a.works, a.attributes, a.source, public_names(a.illustrative) AS illustrative, a.listing, trim_scale(a.area_m2) AS area_m2,
      trim_scale(a.area_mu) AS area_mu, trim_scale(a.usable_area_m2) AS usable_area_m2, a.availability, a.revision, a.recorded_at
    ) AS p) || '}'
$$;

ALTER TABLE firm ADD COLUMN parent_credit_code text
  CONSTRAINT parent_credit_code_form CHECK (parent_credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$')
  CONSTRAINT firm_is_not_its_own_parent CHECK (parent_credit_code <> credit_code);
COMMENT ON COLUMN firm.parent_credit_code IS 'Credit code of the parent firm: parent and firms of a common parent are one group; NULL: none known [staff]';
CREATE OR REPLACE FUNCTION firm_document(f firm) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    f.id, f.credit_code, f.parent_credit_code, f.name, f.industry_code, f.is_above_scale, f.lon, f.lat, f.illustrative, f.revision, f.recorded_at
  ) AS d
$$;

ALTER TABLE outcome
  ADD COLUMN is_land_alone boolean NOT NULL DEFAULT false,
  ADD COLUMN renews_tenancy_id uuid,
  ADD CONSTRAINT renewed_tenancy FOREIGN KEY (park_id, renews_tenancy_id) REFERENCES tenancy (park_id, id);
ALTER TABLE history.outcome ADD COLUMN is_land_alone boolean, ADD COLUMN renews_tenancy_id uuid;
COMMENT ON COLUMN outcome.is_land_alone IS 'True: the buildings on its plots are no part of it [staff]';
COMMENT ON COLUMN outcome.renews_tenancy_id IS 'The tenancy this deal renews; NULL: none [staff]';
DROP TRIGGER keep_past ON outcome;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year,
  paths_version, is_land_alone, renews_tenancy_id
  OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year,
  paths_version, is_land_alone, renews_tenancy_id
  );
DROP VIEW outcome_known;
CREATE VIEW outcome_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
    revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year,
    paths_version, is_land_alone, renews_tenancy_id
  FROM outcome
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
    revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year,
    paths_version, is_land_alone, renews_tenancy_id
  FROM history.outcome;
GRANT SELECT ON outcome_known TO panhuo_app;
