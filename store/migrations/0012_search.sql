-- Search is there for every row, indexed, and seen through the views.

SET LOCAL search_path = panhuo, public;

-- Fails where a row was left out.
ALTER TABLE asset ALTER COLUMN search SET NOT NULL, ALTER COLUMN spelling SET NOT NULL;
ALTER TABLE firm ALTER COLUMN search SET NOT NULL, ALTER COLUMN spelling SET NOT NULL;
ALTER TABLE industry ALTER COLUMN search SET NOT NULL, ALTER COLUMN spelling SET NOT NULL;

CREATE INDEX asset_search ON asset USING gin (search);
CREATE INDEX firm_search ON firm USING gin (search);
CREATE INDEX industry_search ON industry USING gin (search);
CREATE INDEX asset_spelling ON asset USING gin (spelling gin_trgm_ops);
CREATE INDEX firm_spelling ON firm USING gin (spelling gin_trgm_ops);
CREATE INDEX industry_spelling ON industry USING gin (spelling gin_trgm_ops);
DROP INDEX asset_name, industry_name;

CREATE OR REPLACE VIEW asset_visible AS
  SELECT
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, min_lease_months,
    available_from, idle_basis, idle_since, idle_since_precision, title_is_registered, works, attributes, source, public_names(illustrative) AS illustrative, listing, area_m2,
    area_mu, usable_area_m2, availability, revision, feature, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]) THEN asset_staff_facts(asset) END AS staff_facts,
    search, spelling
  FROM asset
  WHERE listing = 'published' OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);
CREATE OR REPLACE VIEW firm_visible AS
  SELECT id, credit_code, name, industry_code, illustrative, revision, firm_document(firm) AS document, search, spelling FROM firm
  WHERE (SELECT current_setting('app.role', true)) IN ('firm', 'staff', 'admin', 'system');
CREATE OR REPLACE VIEW industry_visible AS SELECT code, level, parent, name_zh, search, spelling FROM industry;
