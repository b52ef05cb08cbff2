-- What firms need, the rankings that answered, and what came of them: interests, pins, notices.

SET search_path = panhuo, public;

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
  clear_height_m_min numeric(6, 2)
    CONSTRAINT clear_height_min_range CHECK (clear_height_m_min > 0 AND clear_height_m_min <= 100),
  clear_height_at text CONSTRAINT demand_height_at_known CHECK (clear_height_at IN ('under_beam', 'under_hook')),
  floor_load_kn_m2_min numeric(8, 2)
    CONSTRAINT floor_load_min_range CHECK (floor_load_kn_m2_min > 0 AND floor_load_kn_m2_min <= 1000),
  power_kva_min numeric(12, 1) CONSTRAINT power_min_range CHECK (power_kva_min >= 0 AND power_kva_min <= 1e7),
  power_kva_pref numeric(12, 1) CONSTRAINT power_pref_range CHECK (power_kva_pref >= 0 AND power_kva_pref <= 1e7),
  fire_hazard_class text CONSTRAINT demand_hazard_known CHECK (fire_hazard_class IN ('A', 'B', 'C', 'D', 'E')),
  product_codes text[] NOT NULL DEFAULT '{}' CONSTRAINT product_codes_few CHECK (cardinality(product_codes) <= 20),
  needs_chemical_park boolean NOT NULL DEFAULT false,
  accepted_paths text[] NOT NULL CONSTRAINT accepted_paths_known
    CHECK (cardinality(accepted_paths) > 0 AND accepted_paths <@ ARRAY['lease', 'sublease', 'sale', 'equity_swap',
    'share_purchase', 'judicial_auction', 'repurchase_resupply', 'owner_restart', 'merger', 'part_use',
    'temporary_use', 'joint_development', 'built_to_suit']),
  rent_yuan_m2_month_max numeric(12, 2) CONSTRAINT rent_max_range CHECK (rent_yuan_m2_month_max >= 0),
  price_yuan_m2_max numeric(14, 2) CONSTRAINT price_max_range CHECK (price_yuan_m2_max >= 0),
  yearly_cost_yuan_max numeric(18, 2) CONSTRAINT yearly_cost_max_range CHECK (yearly_cost_yuan_max >= 0),
  need_on date,
  timing_tolerance_days integer NOT NULL DEFAULT 60
    CONSTRAINT tolerance_range CHECK (timing_tolerance_days BETWEEN 0 AND 3650),
  importances jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT importances_is_an_object CHECK (jsonb_typeof(importances) = 'object'),
  output_yuan_year numeric(18, 2) CONSTRAINT output_range CHECK (output_yuan_year >= 0),
  tax_yuan_year numeric(18, 2) CONSTRAINT tax_range CHECK (tax_yuan_year >= 0),
  jobs integer CONSTRAINT jobs_range CHECK (jobs BETWEEN 0 AND 1000000),
  attributes jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT demand_attributes_is_an_object CHECK (jsonb_typeof(attributes) = 'object'),
  illustrative text[] NOT NULL DEFAULT '{}',
  audience text NOT NULL DEFAULT 'parks' CONSTRAINT audience_known CHECK (audience IN ('parks', 'public')),
  listing text NOT NULL DEFAULT 'draft'
    CONSTRAINT demand_listing CHECK (listing IN ('draft', 'published', 'withdrawn')),
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  effluent_types text[] NOT NULL DEFAULT '{}' CONSTRAINT demand_effluent_types_known
    CHECK (effluent_types <@ ARRAY['sanitary', 'process', 'organic', 'saline', 'heavy_metal', 'electroplating',
    'acid_alkali']),
  effluent_t_d_min numeric(12, 1)
    CONSTRAINT effluent_min_range CHECK (effluent_t_d_min >= 0 AND effluent_t_d_min <= 1e7),
  within geometry(MultiPolygon, 4326) CONSTRAINT within_valid CHECK (ST_IsValid(within) AND NOT ST_IsEmpty(within)),
  places jsonb NOT NULL DEFAULT '[]' CONSTRAINT places_is_a_list CHECK (jsonb_typeof(places) = 'array'),
  equipment jsonb NOT NULL DEFAULT '[]' CONSTRAINT equipment_is_a_list CHECK (jsonb_typeof(equipment) = 'array'),
  expansion_m2 numeric(16, 2) CONSTRAINT expansion_range CHECK (expansion_m2 > 0),
  policies text[] NOT NULL DEFAULT '{}' CONSTRAINT demand_policies_known
    CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing',
    'research_subsidy', 'fast_approval', 'staged_payment']),
  template text CONSTRAINT template_length CHECK (length(template) BETWEEN 1 AND 64),
  PRIMARY KEY (firm_id, id),
  CONSTRAINT land_area_in_order CHECK (land_area_m2_min <= land_area_m2_max),
  CONSTRAINT floor_area_in_order CHECK (floor_area_m2_min <= floor_area_m2_max)
);
CREATE INDEX demand_id ON demand (id);
CREATE TABLE history.demand (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, firm_id uuid, id uuid, version integer,
  title text, kinds text[], land_area_m2_min numeric(16, 2), land_area_m2_pref numeric(16, 2),
  land_area_m2_max numeric(16, 2), floor_area_m2_min numeric(16, 2), floor_area_m2_pref numeric(16, 2),
  floor_area_m2_max numeric(16, 2), clear_height_m_min numeric(6, 2), clear_height_at text,
  floor_load_kn_m2_min numeric(8, 2), power_kva_min numeric(12, 1), power_kva_pref numeric(12, 1),
  fire_hazard_class text, product_codes text[], needs_chemical_park boolean, accepted_paths text[],
  rent_yuan_m2_month_max numeric(12, 2), price_yuan_m2_max numeric(14, 2), yearly_cost_yuan_max numeric(18, 2),
  need_on date, timing_tolerance_days integer, importances jsonb, output_yuan_year numeric(18, 2),
  tax_yuan_year numeric(18, 2), jobs integer, attributes jsonb, illustrative text[], audience text, listing text,
  effluent_types text[], effluent_t_d_min numeric(12, 1), within geometry(MultiPolygon, 4326), places jsonb,
  equipment jsonb, expansion_m2 numeric(16, 2), policies text[], template text
);
CREATE INDEX ON history.demand (firm_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
  floor_area_m2_pref, floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min,
  power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park, accepted_paths, rent_yuan_m2_month_max,
  price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
  tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places,
  equipment, expansion_m2, policies, template
  OR DELETE ON demand FOR EACH ROW EXECUTE FUNCTION keep_past(
  firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
  floor_area_m2_pref, floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min,
  power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park, accepted_paths, rent_yuan_m2_month_max,
  price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
  tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places,
  equipment, expansion_m2, policies, template);
CREATE VIEW demand_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
    floor_area_m2_pref, floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min,
    power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park, accepted_paths, rent_yuan_m2_month_max,
    price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
    tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places,
    equipment, expansion_m2, policies, template
  FROM demand
  UNION ALL SELECT superseded_at, recorded_at,
    firm_id, id, version, title, kinds, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
    floor_area_m2_pref, floor_area_m2_max, clear_height_m_min, clear_height_at, floor_load_kn_m2_min, power_kva_min,
    power_kva_pref, fire_hazard_class, product_codes, needs_chemical_park, accepted_paths, rent_yuan_m2_month_max,
    price_yuan_m2_max, yearly_cost_yuan_max, need_on, timing_tolerance_days, importances, output_yuan_year,
    tax_yuan_year, jobs, attributes, illustrative, audience, listing, effluent_types, effluent_t_d_min, within, places,
    equipment, expansion_m2, policies, template
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
COMMENT ON COLUMN demand.fire_hazard_class IS
  'Fire hazard class of the production (甲乙丙丁戊 = A…E), GB 50016-2014 table 3.1.1 [staff]';
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
COMMENT ON COLUMN demand.effluent_types IS 'Kinds of effluent it discharges (废水种类); empty: not mentioned [staff]';
COMMENT ON COLUMN demand.effluent_t_d_min IS 'Free discharge quota it needs, t a day; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.within IS 'Where it must lie, EPSG:4326, lon lat degrees; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.places IS 'Places it wants to be near: lon, lat, weight, radius_m, name [staff]';
COMMENT ON COLUMN demand.equipment IS 'Equipment wished: item, at_least, weight [staff]';
COMMENT ON COLUMN demand.expansion_m2 IS 'Space wished beside it for later, m²; NULL: not mentioned [staff]';
COMMENT ON COLUMN demand.policies IS 'Support wished of the park [staff]';
COMMENT ON COLUMN demand.template IS 'Sector template of importances; NULL: by the main product [staff]';
ALTER TABLE demand ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON demand TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.demand ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.demand TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON demand TO panhuo_app;
GRANT SELECT ON history.demand, demand_known TO panhuo_app;

-- A need as JSON text, numbers without trailing zeros.
CREATE FUNCTION demand_document(a demand) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    a.firm_id, a.id, a.version, a.title, a.kinds, trim_scale(a.land_area_m2_min) AS land_area_m2_min,
    trim_scale(a.land_area_m2_pref) AS land_area_m2_pref, trim_scale(a.land_area_m2_max) AS land_area_m2_max,
    trim_scale(a.floor_area_m2_min) AS floor_area_m2_min, trim_scale(a.floor_area_m2_pref) AS floor_area_m2_pref,
    trim_scale(a.floor_area_m2_max) AS floor_area_m2_max, trim_scale(a.clear_height_m_min) AS clear_height_m_min,
    a.clear_height_at, trim_scale(a.floor_load_kn_m2_min) AS floor_load_kn_m2_min,
    trim_scale(a.power_kva_min) AS power_kva_min, trim_scale(a.power_kva_pref) AS power_kva_pref, a.fire_hazard_class,
    a.product_codes, a.needs_chemical_park, a.accepted_paths,
    trim_scale(a.rent_yuan_m2_month_max) AS rent_yuan_m2_month_max,
    trim_scale(a.price_yuan_m2_max) AS price_yuan_m2_max, trim_scale(a.yearly_cost_yuan_max) AS yearly_cost_yuan_max,
    a.need_on, a.timing_tolerance_days, a.importances, a.template, a.effluent_types,
    trim_scale(a.effluent_t_d_min) AS effluent_t_d_min, ST_AsGeoJSON(a.within, 7)::json AS within, a.places,
    a.equipment, trim_scale(a.expansion_m2) AS expansion_m2, a.policies,
    trim_scale(a.output_yuan_year) AS output_yuan_year, trim_scale(a.tax_yuan_year) AS tax_yuan_year, a.jobs,
    a.attributes, a.illustrative, a.audience, a.listing, a.revision, a.recorded_at
  ) AS d
$$;
REVOKE ALL ON FUNCTION demand_document(demand) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION demand_document(demand) TO panhuo_app, panhuo_public;

-- A published need: parks read it whole, others only what is public of it, and only where its audience is public.
CREATE VIEW demand_visible AS
  SELECT
    id, version, title, kinds, product_codes, accepted_paths, illustrative, listing, revision, recorded_at,
    CASE WHEN (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system')
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid THEN firm_id END AS firm_id,
    CASE WHEN (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system')
      OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid THEN demand_document(demand)
      ELSE (SELECT row_to_json(d)::text FROM (SELECT
        demand.id, demand.version, demand.title, demand.kinds, demand.product_codes, demand.accepted_paths,
        demand.illustrative, demand.listing, demand.revision, demand.recorded_at) AS d) END AS document
  FROM demand
  WHERE firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR listing = 'published' AND (audience = 'public'
      OR (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system'));
GRANT SELECT ON demand_visible TO panhuo_app, panhuo_public;

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
COMMENT ON TABLE ranking IS
  'What was shown to whom: inputs and answer in numbers; sentences are made when it is read.';
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
ALTER TABLE ranking ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ranking TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON ranking TO panhuo_app;

CREATE TABLE interest (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  ranking_id uuid NOT NULL,
  was_shown boolean NOT NULL,
  act text NOT NULL
    CONSTRAINT interest_act_known CHECK (act IN ('viewed', 'shortlisted', 'visited', 'refused', 'withdrawn')),
  happened_on date NOT NULL,
  refused_for text CONSTRAINT refused_for_form CHECK (refused_for ~ '^(H[0-9]{1,2}|[a-z_]{2,32})$'),
  note text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT interest_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT interest_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT interest_ranking FOREIGN KEY (firm_id, ranking_id) REFERENCES ranking (firm_id, id),
  CONSTRAINT refusals_say_what_for CHECK ((act = 'refused') = (refused_for IS NOT NULL)),
  CONSTRAINT interest_note_length CHECK (length(note) BETWEEN 1 AND 4000)
);
CREATE INDEX interest_of_demand ON interest (firm_id, demand_id, id);
CREATE INDEX interest_refused ON interest (happened_on) WHERE act = 'refused';
COMMENT ON TABLE interest IS 'What a firm did with a unit it was shown, or asked about.';
COMMENT ON COLUMN interest.park_id IS 'The park of the unit [staff]';
COMMENT ON COLUMN interest.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN interest.asset_id IS 'The unit [staff]';
COMMENT ON COLUMN interest.firm_id IS 'The firm [staff]';
COMMENT ON COLUMN interest.demand_id IS 'Its need [staff]';
COMMENT ON COLUMN interest.ranking_id IS 'The ranking it looked at [staff]';
COMMENT ON COLUMN interest.was_shown IS 'Whether that ranking showed the unit; false: the firm asked about it [staff]';
COMMENT ON COLUMN interest.act IS 'viewed, shortlisted, visited, refused or withdrawn [staff]';
COMMENT ON COLUMN interest.happened_on IS 'Day it happened, Asia/Shanghai [staff]';
COMMENT ON COLUMN interest.refused_for IS
  'Rule or criterion of the ranking it was refused for, or other; NULL: not a refusal [staff]';
COMMENT ON COLUMN interest.note IS 'In the words of whoever recorded it [staff]';
COMMENT ON COLUMN interest.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE interest ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON interest TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON interest TO panhuo_app;

CREATE TABLE pin (
  park_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL,
  placement text NOT NULL CONSTRAINT placement_known CHECK (placement IN ('pinned', 'set_aside')),
  reason text NOT NULL CONSTRAINT pin_reason_length CHECK (length(reason) BETWEEN 1 AND 1000),
  note text CONSTRAINT pin_note_length CHECK (length(note) BETWEEN 1 AND 4000),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT pinned_once PRIMARY KEY (park_id, demand_id, asset_id),
  CONSTRAINT pin_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT pin_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id)
);
CREATE INDEX pin_of_demand ON pin (demand_id);
CREATE TABLE history.pin (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, demand_id uuid, asset_id uuid,
  firm_id uuid, placement text, reason text, note text
);
CREATE INDEX ON history.pin (park_id, demand_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, demand_id, asset_id, firm_id, placement, reason, note
  OR DELETE ON pin FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, demand_id, asset_id, firm_id, placement, reason, note);
CREATE VIEW pin_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, demand_id, asset_id, firm_id, placement, reason, note
  FROM pin
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, demand_id, asset_id, firm_id, placement, reason, note
  FROM history.pin;
COMMENT ON TABLE pin IS 'What staff of a park put first, or aside, among their units for one need.';
COMMENT ON COLUMN pin.park_id IS 'The park of the unit [owner]';
COMMENT ON COLUMN pin.demand_id IS 'The need [owner]';
COMMENT ON COLUMN pin.asset_id IS 'The unit [owner]';
COMMENT ON COLUMN pin.firm_id IS 'The firm whose need it is [owner]';
COMMENT ON COLUMN pin.placement IS 'pinned: staff recommend it; set_aside: staff advise against it [owner]';
COMMENT ON COLUMN pin.reason IS 'Why, as the firm reads it [owner]';
COMMENT ON COLUMN pin.note IS 'What the park alone reads of it [staff]';
COMMENT ON COLUMN pin.recorded_at IS 'Known from; UTC [owner]';
ALTER TABLE pin ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pin TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.pin ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.pin TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON pin TO panhuo_app;
GRANT SELECT ON history.pin, pin_known TO panhuo_app;

-- For the firm what was said to it; the note for staff of the park.
CREATE VIEW pin_visible AS
  SELECT park_id, demand_id, asset_id, firm_id, placement, reason, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
      OR (SELECT current_setting('app.role', true)) IN ('admin', 'system') THEN note END AS note
  FROM pin
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) IN ('admin', 'system');
GRANT SELECT ON pin_visible TO panhuo_app;

CREATE TABLE match_notice (
  firm_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  demand_version integer NOT NULL,
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT notice_kind CHECK (kind IN ('land', 'factory')),
  place integer NOT NULL CONSTRAINT notice_place_from_one CHECK (place >= 1),
  status text NOT NULL CONSTRAINT notice_status_known CHECK (status IN ('fit', 'fit_after_works', 'to_confirm')),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT noticed_once PRIMARY KEY (firm_id, demand_id, demand_version, asset_id),
  CONSTRAINT notice_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT notice_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id)
);
COMMENT ON TABLE match_notice IS 'What a firm was told of, once for a unit and a version of its need.';
COMMENT ON COLUMN match_notice.firm_id IS 'The firm [owner]';
COMMENT ON COLUMN match_notice.demand_id IS 'Its need [owner]';
COMMENT ON COLUMN match_notice.demand_version IS 'The version ranked [owner]';
COMMENT ON COLUMN match_notice.park_id IS 'The park of the unit [owner]';
COMMENT ON COLUMN match_notice.asset_id IS 'The unit [owner]';
COMMENT ON COLUMN match_notice.kind IS 'The list it stands in: land or factory [owner]';
COMMENT ON COLUMN match_notice.place IS 'Its place among the units shown, from 1 [owner]';
COMMENT ON COLUMN match_notice.status IS 'Its status for the need [owner]';
COMMENT ON COLUMN match_notice.recorded_at IS 'When the firm was told; UTC [owner]';
ALTER TABLE match_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON match_notice TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON match_notice TO panhuo_app;

CREATE TABLE notice_cursor (
  park_id uuid NOT NULL PRIMARY KEY CONSTRAINT notice_cursor_park REFERENCES head,
  rev bigint NOT NULL,
  upto bigint CONSTRAINT upto_lies_ahead CHECK (upto >= rev)
);
COMMENT ON TABLE notice_cursor IS 'Up to where each park''s publications have been looked at for new matches.';
COMMENT ON COLUMN notice_cursor.park_id IS 'The park [owner]';
COMMENT ON COLUMN notice_cursor.rev IS 'rev up to which firms have been told [owner]';
COMMENT ON COLUMN notice_cursor.upto IS 'rev up to which the round under way looks; NULL: none is [owner]';
ALTER TABLE notice_cursor ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON notice_cursor TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON notice_cursor TO panhuo_app;

CREATE TABLE notice_round (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT one_round_row CHECK (only_row),
  round bigint NOT NULL DEFAULT 0,
  is_running boolean NOT NULL DEFAULT false,
  demand_id uuid
);
COMMENT ON TABLE notice_round IS 'The round of notices under way; one row.';
COMMENT ON COLUMN notice_round.only_row IS 'Makes a second row impossible [owner]';
COMMENT ON COLUMN notice_round.round IS 'Counts rounds: a worker that fell behind moves nothing [owner]';
COMMENT ON COLUMN notice_round.is_running IS 'Whether a round is under way [owner]';
COMMENT ON COLUMN notice_round.demand_id IS 'The need it has come to, by id; NULL: before the first [owner]';
ALTER TABLE notice_round ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON notice_round TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, UPDATE ON notice_round TO panhuo_app;

INSERT INTO notice_round DEFAULT VALUES;
