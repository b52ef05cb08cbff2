-- Firms, what they need, and what was shown to them.

SET LOCAL search_path = panhuo, public;

CREATE TABLE firm (
  id uuid PRIMARY KEY,
  credit_code text CONSTRAINT credit_code_taken UNIQUE CONSTRAINT credit_code_form CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  name text NOT NULL CONSTRAINT firm_name_length CHECK (length(name) BETWEEN 1 AND 200),
  industry_code text CONSTRAINT firm_industry REFERENCES industry,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at()
);
CREATE INDEX firm_name ON firm (name, id);
COMMENT ON TABLE firm IS 'A firm that seeks, takes or leaves space.';
COMMENT ON COLUMN firm.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN firm.credit_code IS '统一社会信用代码, GB 32100-2015; a public register number [staff]';
COMMENT ON COLUMN firm.name IS 'Registered name [staff]';
COMMENT ON COLUMN firm.industry_code IS 'GB/T 4754-2017 code of the registered name [staff]';
COMMENT ON COLUMN firm.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN firm.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN firm.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE account ADD CONSTRAINT account_firm FOREIGN KEY (firm_id) REFERENCES firm;

CREATE TABLE demand (
  firm_id uuid NOT NULL CONSTRAINT demand_firm REFERENCES firm,
  id uuid NOT NULL,
  version integer NOT NULL DEFAULT 1,
  title text NOT NULL CONSTRAINT demand_title_length CHECK (length(title) BETWEEN 1 AND 200),
  kinds text[] NOT NULL CONSTRAINT demand_kinds CHECK (cardinality(kinds) > 0 AND kinds <@ ARRAY['land', 'factory']),
  land_area_m2_min numeric(16, 2) CONSTRAINT land_area_min_positive CHECK (land_area_m2_min > 0),
  land_area_m2_pref numeric(16, 2) CONSTRAINT land_area_pref_positive CHECK (land_area_m2_pref > 0),
  land_area_m2_max numeric(16, 2) CONSTRAINT land_area_max_positive CHECK (land_area_m2_max > 0),
  floor_area_m2_min numeric(16, 2) CONSTRAINT floor_area_min_positive CHECK (floor_area_m2_min > 0),
  floor_area_m2_pref numeric(16, 2) CONSTRAINT floor_area_pref_positive CHECK (floor_area_m2_pref > 0),
  floor_area_m2_max numeric(16, 2) CONSTRAINT floor_area_max_positive CHECK (floor_area_m2_max > 0),
  clear_height_m_min numeric(6, 2) CONSTRAINT clear_height_min_range CHECK (clear_height_m_min > 0 AND clear_height_m_min <= 100),
  clear_height_at text CONSTRAINT demand_height_at_known CHECK (clear_height_at IN ('under_beam', 'under_hook')),
  floor_load_kn_m2_min numeric(8, 2) CONSTRAINT floor_load_min_range CHECK (floor_load_kn_m2_min > 0 AND floor_load_kn_m2_min <= 1000),
  power_kva_min numeric(12, 1) CONSTRAINT power_min_range CHECK (power_kva_min >= 0 AND power_kva_min <= 1e7),
  power_kva_pref numeric(12, 1) CONSTRAINT power_pref_range CHECK (power_kva_pref >= 0 AND power_kva_pref <= 1e7),
  fire_hazard_class text CONSTRAINT demand_hazard_known CHECK (fire_hazard_class IN ('A', 'B', 'C', 'D', 'E')),
  product_codes text[] NOT NULL DEFAULT '{}' CONSTRAINT product_codes_few CHECK (cardinality(product_codes) <= 20),
  needs_chemical_park boolean NOT NULL DEFAULT false,
  accepted_paths text[] NOT NULL CONSTRAINT accepted_paths_known CHECK (cardinality(accepted_paths) > 0 AND accepted_paths <@ ARRAY['lease', 'sublease', 'sale', 'equity_swap', 'share_purchase', 'judicial_auction', 'repurchase_resupply', 'owner_restart', 'merger', 'part_use', 'temporary_use', 'joint_development', 'built_to_suit']),
  rent_yuan_m2_month_max numeric(12, 2) CONSTRAINT rent_max_range CHECK (rent_yuan_m2_month_max >= 0),
  price_yuan_m2_max numeric(14, 2) CONSTRAINT price_max_range CHECK (price_yuan_m2_max >= 0),
  yearly_cost_yuan_max numeric(18, 2) CONSTRAINT yearly_cost_max_range CHECK (yearly_cost_yuan_max >= 0),
  need_on date,
  timing_tolerance_days integer NOT NULL DEFAULT 60 CONSTRAINT tolerance_range CHECK (timing_tolerance_days BETWEEN 0 AND 3650),
  importances jsonb NOT NULL DEFAULT '{}' CONSTRAINT importances_is_an_object CHECK (jsonb_typeof(importances) = 'object'),
  output_yuan_year numeric(18, 2) CONSTRAINT output_range CHECK (output_yuan_year >= 0),
  tax_yuan_year numeric(18, 2) CONSTRAINT tax_range CHECK (tax_yuan_year >= 0),
  jobs integer CONSTRAINT jobs_range CHECK (jobs BETWEEN 0 AND 1000000),
  attributes jsonb NOT NULL DEFAULT '{}' CONSTRAINT demand_attributes_is_an_object CHECK (jsonb_typeof(attributes) = 'object'),
  illustrative text[] NOT NULL DEFAULT '{}',
  audience text NOT NULL DEFAULT 'parks' CONSTRAINT audience_known CHECK (audience IN ('parks', 'public')),
  listing text NOT NULL DEFAULT 'draft' CONSTRAINT demand_listing CHECK (listing IN ('draft', 'published', 'withdrawn')),
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (firm_id, id),
  CONSTRAINT land_area_in_order CHECK (land_area_m2_min <= land_area_m2_max),
  CONSTRAINT floor_area_in_order CHECK (floor_area_m2_min <= floor_area_m2_max)
);
CREATE INDEX demand_id ON demand (id);
CREATE TABLE history.demand (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, firm_id uuid, id uuid, version integer, title text, kinds text[],
  land_area_m2_min numeric(16, 2), land_area_m2_pref numeric(16, 2), land_area_m2_max numeric(16, 2), floor_area_m2_min numeric(16, 2),
  floor_area_m2_pref numeric(16, 2), floor_area_m2_max numeric(16, 2), clear_height_m_min numeric(6, 2), clear_height_at text,
  floor_load_kn_m2_min numeric(8, 2), power_kva_min numeric(12, 1), power_kva_pref numeric(12, 1), fire_hazard_class text, product_codes text[],
  needs_chemical_park boolean, accepted_paths text[], rent_yuan_m2_month_max numeric(12, 2), price_yuan_m2_max numeric(14, 2),
  yearly_cost_yuan_max numeric(18, 2), need_on date, timing_tolerance_days integer, importances jsonb, output_yuan_year numeric(18, 2),
  tax_yuan_year numeric(18, 2), jobs integer, attributes jsonb, illustrative text[], audience text, listing text
);
CREATE INDEX ON history.demand (firm_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref, floor_area_m2_max,
  clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park,
  accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
  tax_yuan_year, jobs, attributes, illustrative, audience, listing
  OR DELETE ON demand FOR EACH ROW EXECUTE FUNCTION keep_past(
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref, floor_area_m2_max,
  clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park,
  accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
  tax_yuan_year, jobs, attributes, illustrative, audience, listing
  );
CREATE VIEW demand_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
    floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
    needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances,
    output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing
  FROM demand
  UNION ALL SELECT superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min, floor_area_m2_pref,
    floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min, power_kva_pref, fire_hazard_class, product_codes,
    needs_chemical_park, accepted_paths, rent_yuan_m2_month_max, price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances,
    output_yuan_year, tax_yuan_year, jobs, attributes, illustrative, audience, listing
  FROM history.demand;

COMMENT ON TABLE demand IS 'What a firm needs: hard needs, wishes, importances; private until published.';
COMMENT ON COLUMN demand.firm_id IS 'Whose need it is [staff]';
COMMENT ON COLUMN demand.id IS 'UUIDv7 [public]';
COMMENT ON COLUMN demand.version IS 'Counts changes of the need; a ranking names the one it answered [public]';
COMMENT ON COLUMN demand.title IS 'What is sought, in a line [public]';
COMMENT ON COLUMN demand.kinds IS 'Accepted kinds [public]';
COMMENT ON COLUMN demand.land_area_m2_min IS 'Least land area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.land_area_m2_pref IS 'Wished land area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.land_area_m2_max IS 'Most land area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.floor_area_m2_min IS 'Least floor area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.floor_area_m2_pref IS 'Wished floor area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.floor_area_m2_max IS 'Most floor area, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.clear_height_m_min IS 'Least clear height, m [staff]';
COMMENT ON COLUMN demand.clear_height_at IS 'Where that height counts [staff]';
COMMENT ON COLUMN demand.floor_load_kn_m2_min IS 'Least floor load, kN/m² [staff]';
COMMENT ON COLUMN demand.power_kva_min IS 'Least power, kVA [staff]';
COMMENT ON COLUMN demand.power_kva_pref IS 'Wished power, kVA [staff]';
COMMENT ON COLUMN demand.fire_hazard_class IS 'Fire hazard class of the production (甲乙丙丁戊 = A…E), GB 50016-2014 table 3.1.1 [staff]';
COMMENT ON COLUMN demand.product_codes IS 'GB/T 4754-2017 codes of the products, the main one first [public]';
COMMENT ON COLUMN demand.needs_chemical_park IS 'May only settle in a recognised chemical park [staff]';
COMMENT ON COLUMN demand.accepted_paths IS 'Ways of taking the space the firm accepts [public]';
COMMENT ON COLUMN demand.rent_yuan_m2_month_max IS 'Highest rent, yuan/m²/month [staff]';
COMMENT ON COLUMN demand.price_yuan_m2_max IS 'Highest price, yuan/m² [staff]';
COMMENT ON COLUMN demand.yearly_cost_yuan_max IS 'Highest yearly cost, yuan [staff]';
COMMENT ON COLUMN demand.need_on IS 'Day it must be able to move in [staff]';
COMMENT ON COLUMN demand.timing_tolerance_days IS 'Days later that would still do [staff]';
COMMENT ON COLUMN demand.importances IS 'Importance 0 to 5 per criterion; absent: the model''s default [staff]';
COMMENT ON COLUMN demand.output_yuan_year IS 'Expected output, yuan a year [staff]';
COMMENT ON COLUMN demand.tax_yuan_year IS 'Expected tax, yuan a year [staff]';
COMMENT ON COLUMN demand.jobs IS 'Expected jobs [staff]';
COMMENT ON COLUMN demand.attributes IS 'Further documented wishes, see docs/attributes.md [staff]';
COMMENT ON COLUMN demand.illustrative IS 'Names of the fields that are invented for demonstration [public]';
COMMENT ON COLUMN demand.audience IS 'Who reads it once published [staff]';
COMMENT ON COLUMN demand.listing IS 'draft, published, withdrawn [public]';
COMMENT ON COLUMN demand.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN demand.recorded_at IS 'Known from; UTC [public]';

CREATE TABLE ranking (
  firm_id uuid NOT NULL,
  id uuid NOT NULL,
  demand_id uuid NOT NULL,
  demand_version integer NOT NULL,
  day date NOT NULL,
  model_version text NOT NULL,
  chain_version text NOT NULL,
  inputs jsonb NOT NULL,
  answer jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (firm_id, id),
  CONSTRAINT ranking_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id)
);
CREATE INDEX ranking_id ON ranking (id);
CREATE INDEX ranking_of_demand ON ranking (firm_id, demand_id, id);
COMMENT ON TABLE ranking IS 'What was shown to whom: inputs and answer in numbers; sentences are made when it is read.';
COMMENT ON COLUMN ranking.firm_id IS 'Whose [owner]';
COMMENT ON COLUMN ranking.id IS 'UUIDv7 [owner]';
COMMENT ON COLUMN ranking.demand_id IS 'The need answered [owner]';
COMMENT ON COLUMN ranking.demand_version IS 'Its version [owner]';
COMMENT ON COLUMN ranking.day IS 'The day in force, Asia/Shanghai [owner]';
COMMENT ON COLUMN ranking.model_version IS 'Version of the model and its parameters [owner]';
COMMENT ON COLUMN ranking.chain_version IS 'Version of the chain table [owner]';
COMMENT ON COLUMN ranking.inputs IS 'The need as ranked, and the revisions of the parks it saw [owner]';
COMMENT ON COLUMN ranking.answer IS 'Totals, order, scores in 1e-9, rules and contributions [owner]';
COMMENT ON COLUMN ranking.recorded_at IS 'When it was made; UTC [owner]';

-- The firm and its need as JSON text, numbers without trailing zeros.
CREATE FUNCTION firm_document(f firm) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT f.id, f.credit_code, f.name, f.industry_code, f.illustrative, f.revision, f.recorded_at) AS d
$$;
CREATE FUNCTION demand_document(a demand) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    a.firm_id, a.id, a.version, a.title, a.kinds, trim_scale(a.land_area_m2_min) AS land_area_m2_min,
    trim_scale(a.land_area_m2_pref) AS land_area_m2_pref, trim_scale(a.land_area_m2_max) AS land_area_m2_max,
    trim_scale(a.floor_area_m2_min) AS floor_area_m2_min, trim_scale(a.floor_area_m2_pref) AS floor_area_m2_pref,
    trim_scale(a.floor_area_m2_max) AS floor_area_m2_max, trim_scale(a.clear_height_m_min) AS clear_height_m_min, a.clear_height_at,
    trim_scale(a.floor_load_kn_m2_min) AS floor_load_kn_m2_min, trim_scale(a.power_kva_min) AS power_kva_min,
    trim_scale(a.power_kva_pref) AS power_kva_pref, a.fire_hazard_class, a.product_codes, a.needs_chemical_park, a.accepted_paths,
    trim_scale(a.rent_yuan_m2_month_max) AS rent_yuan_m2_month_max, trim_scale(a.price_yuan_m2_max) AS price_yuan_m2_max,
    trim_scale(a.yearly_cost_yuan_max) AS yearly_cost_yuan_max, a.need_on, a.timing_tolerance_days, a.importances,
    trim_scale(a.output_yuan_year) AS output_yuan_year, trim_scale(a.tax_yuan_year) AS tax_yuan_year, a.jobs, a.attributes, a.illustrative,
    a.audience, a.listing, a.revision, a.recorded_at
  ) AS d
$$;

-- A published need: parks read it whole, others only what is public of it, and only where its audience is public.
CREATE VIEW demand_visible AS
  SELECT
    id, version, title, kinds, product_codes, accepted_paths, illustrative, listing, revision, recorded_at,
    CASE WHEN (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system') OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid THEN firm_id END AS firm_id,
    CASE WHEN (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system') OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid THEN demand_document(demand)
      ELSE (SELECT row_to_json(d)::text FROM (SELECT
        demand.id, demand.version, demand.title, demand.kinds, demand.product_codes, demand.accepted_paths, demand.illustrative, demand.listing,
        demand.revision, demand.recorded_at) AS d) END AS document
  FROM demand
  WHERE firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR listing = 'published' AND (audience = 'public' OR (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system'));
-- Name, credit code and industry, for whoever is signed in.
CREATE VIEW firm_visible AS
  SELECT id, credit_code, name, industry_code, illustrative, revision, firm_document(firm) AS document FROM firm
  WHERE (SELECT current_setting('app.role', true)) IN ('firm', 'staff', 'admin', 'system');

ALTER TABLE firm ENABLE ROW LEVEL SECURITY;
ALTER TABLE demand ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.demand ENABLE ROW LEVEL SECURITY;
ALTER TABLE ranking ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON firm TO panhuo_app USING (id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid OR id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON demand TO panhuo_app USING (firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.demand TO panhuo_app USING (firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON ranking TO panhuo_app USING (firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON firm, demand TO panhuo_app;
GRANT SELECT, INSERT ON ranking TO panhuo_app;
GRANT SELECT ON history.demand, demand_known TO panhuo_app;
GRANT SELECT ON demand_visible TO panhuo_app, panhuo_public;
GRANT SELECT ON firm_visible TO panhuo_app;
