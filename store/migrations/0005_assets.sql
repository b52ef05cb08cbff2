-- Units that can be let, sold or contributed, in trees (plot → part; building → floor → bay), and the claims on their leaves.

SET LOCAL search_path = panhuo, public;

CREATE TABLE asset (
  park_id uuid NOT NULL CONSTRAINT asset_park REFERENCES park,
  id uuid NOT NULL,
  zone_id uuid,
  parent_id uuid,
  root_id uuid NOT NULL,
  is_leaf boolean NOT NULL DEFAULT true,
  level text NOT NULL CONSTRAINT asset_level CHECK (level IN ('plot', 'part', 'building', 'floor', 'bay')),
  plot_id uuid,
  kind text NOT NULL CONSTRAINT asset_kind CHECK (kind IN ('land', 'factory')),
  code text NOT NULL CONSTRAINT asset_code_length CHECK (length(code) BETWEEN 1 AND 64),
  name text NOT NULL CONSTRAINT asset_name_length CHECK (length(name) BETWEEN 1 AND 200),
  geom geometry(MultiPolygon, 4326) NOT NULL CONSTRAINT asset_outline_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
  stated_area numeric(18, 6) CONSTRAINT stated_area_positive CHECK (stated_area > 0 AND stated_area < 1e9),
  stated_area_unit text CONSTRAINT stated_area_unit_known CHECK (stated_area_unit IN ('m2', 'mu', 'ha')),
  measured_area_m2 numeric(16, 2) NOT NULL CONSTRAINT measured_area_positive CHECK (measured_area_m2 > 0),
  available_area_m2 numeric(16, 2) CONSTRAINT available_area_positive CHECK (available_area_m2 > 0),
  is_divisible boolean,
  min_divisible_m2 numeric(16, 2) CONSTRAINT min_divisible_positive CHECK (min_divisible_m2 > 0),
  storeys integer CONSTRAINT storeys_range CHECK (storeys BETWEEN 1 AND 200),
  floor_no integer CONSTRAINT floor_no_range CHECK (floor_no BETWEEN -10 AND 200),
  clear_height_m numeric(6, 2) CONSTRAINT clear_height_range CHECK (clear_height_m > 0 AND clear_height_m <= 100),
  clear_height_at text CONSTRAINT clear_height_at_known CHECK (clear_height_at IN ('under_beam', 'under_hook')),
  floor_load_kn_m2 numeric(8, 2) CONSTRAINT floor_load_range CHECK (floor_load_kn_m2 > 0 AND floor_load_kn_m2 <= 1000),
  crane_t numeric(8, 2) CONSTRAINT crane_range CHECK (crane_t >= 0 AND crane_t <= 1000),
  span_m numeric(6, 2) CONSTRAINT span_range CHECK (span_m > 0 AND span_m <= 300),
  power_kva numeric(12, 1) CONSTRAINT power_range CHECK (power_kva >= 0 AND power_kva <= 1e7),
  expandable_kva numeric(12, 1) CONSTRAINT expandable_range CHECK (expandable_kva >= 0 AND expandable_kva <= 1e7),
  fire_hazard_class text CONSTRAINT fire_hazard_class_known CHECK (fire_hazard_class IN ('A', 'B', 'C', 'D', 'E')),
  planned_use_code text,
  planned_use_system text CONSTRAINT planned_use_system_known CHECK (planned_use_system IN ('GB50137', 'TDYH2023', 'GBT21010')),
  far_max numeric(6, 2) CONSTRAINT far_range CHECK (far_max > 0 AND far_max <= 50),
  land_right text CONSTRAINT land_right_known CHECK (land_right IN ('granted', 'allocated', 'leased', 'collective')),
  term_ends_on date,
  allowed_paths text[] NOT NULL DEFAULT '{}' CONSTRAINT allowed_paths_known CHECK (allowed_paths <@ ARRAY['lease', 'sublease', 'sale', 'equity_swap', 'share_purchase', 'judicial_auction', 'repurchase_resupply', 'owner_restart', 'merger', 'part_use', 'temporary_use', 'joint_development', 'built_to_suit']),
  allowed_industries text[],
  forbidden_industries text[],
  rent_yuan_m2_month numeric(12, 2) CONSTRAINT rent_range CHECK (rent_yuan_m2_month >= 0),
  property_fee_yuan_m2_month numeric(12, 2) CONSTRAINT property_fee_range CHECK (property_fee_yuan_m2_month >= 0),
  price_yuan_m2 numeric(14, 2) CONSTRAINT price_range CHECK (price_yuan_m2 >= 0),
  contribution_yuan numeric(18, 2) CONSTRAINT contribution_range CHECK (contribution_yuan >= 0),
  lowest_rent_yuan_m2_month numeric(12, 2) CONSTRAINT lowest_rent_range CHECK (lowest_rent_yuan_m2_month >= 0),
  lowest_price_yuan_m2 numeric(14, 2) CONSTRAINT lowest_price_range CHECK (lowest_price_yuan_m2 >= 0),
  min_lease_months integer CONSTRAINT min_lease_range CHECK (min_lease_months BETWEEN 1 AND 600),
  available_from date,
  idle_basis text CONSTRAINT idle_basis_known CHECK (idle_basis IN ('legal_idle', 'inefficient', 'approved_unsupplied', 'supplied_unused', 'stuck_project', 'vacant_building', 'partly_vacant')),
  idle_since date,
  idle_since_precision text CONSTRAINT idle_since_precision_known CHECK (idle_since_precision IN ('day', 'month', 'year')),
  title_is_registered boolean,
  mortgage text CONSTRAINT mortgage_known CHECK (mortgage IN ('none', 'released', 'consented', 'unreleased')),
  is_seized boolean,
  works jsonb NOT NULL DEFAULT '[]' CONSTRAINT works_is_a_list CHECK (jsonb_typeof(works) = 'array'),
  attributes jsonb NOT NULL DEFAULT '{}' CONSTRAINT attributes_is_an_object CHECK (jsonb_typeof(attributes) = 'object'),
  source text,
  illustrative text[] NOT NULL DEFAULT '{}',
  listing text NOT NULL DEFAULT 'draft' CONSTRAINT asset_listing CHECK (listing IN ('draft', 'published', 'withdrawn')),
  parent_is_leaf boolean GENERATED ALWAYS AS (CASE WHEN parent_id IS NOT NULL THEN false END) STORED,
  area_m2 numeric GENERATED ALWAYS AS (CASE stated_area_unit WHEN 'm2' THEN stated_area WHEN 'ha' THEN stated_area * 10000 WHEN 'mu' THEN round(stated_area * 2000 / 3, 4) END) STORED,
  area_mu numeric GENERATED ALWAYS AS (CASE stated_area_unit WHEN 'mu' THEN stated_area WHEN 'ha' THEN stated_area * 15 WHEN 'm2' THEN stated_area * 0.0015 END) STORED,
  usable_area_m2 numeric GENERATED ALWAYS AS (coalesce(available_area_m2, CASE stated_area_unit WHEN 'm2' THEN stated_area WHEN 'ha' THEN stated_area * 10000 WHEN 'mu' THEN round(stated_area * 2000 / 3, 4) END, measured_area_m2)) STORED,
  availability text NOT NULL DEFAULT 'draft' CONSTRAINT asset_availability CHECK (availability IN ('draft', 'available', 'reserved', 'occupied', 'withdrawn')),
  issues jsonb NOT NULL DEFAULT '[]',
  revision bigint NOT NULL DEFAULT 1,
  feature text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT asset_code_taken UNIQUE (park_id, code),
  CONSTRAINT leafness UNIQUE (park_id, id, is_leaf),
  CONSTRAINT no_part_under_a_leaf FOREIGN KEY (park_id, parent_id, parent_is_leaf) REFERENCES asset (park_id, id, is_leaf),
  CONSTRAINT asset_plot FOREIGN KEY (park_id, plot_id) REFERENCES asset (park_id, id),
  CONSTRAINT asset_zone FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, id),
  CONSTRAINT stated_area_has_a_unit CHECK ((stated_area IS NULL) = (stated_area_unit IS NULL)),
  CONSTRAINT roots_have_no_parent CHECK ((parent_id IS NULL) = (root_id = id)),
  CONSTRAINT level_fits_kind CHECK (kind = CASE WHEN level IN ('plot', 'part') THEN 'land' ELSE 'factory' END),
  CONSTRAINT roots_are_plots_or_buildings CHECK ((parent_id IS NULL) = (level IN ('plot', 'building'))),
  CONSTRAINT only_buildings_stand_on_plots CHECK (plot_id IS NULL OR level = 'building'),
  CONSTRAINT floors_have_a_number CHECK (level <> 'floor' OR floor_no IS NOT NULL)
);
CREATE INDEX asset_id ON asset (id);
CREATE INDEX asset_root ON asset (park_id, root_id);
CREATE INDEX asset_geom ON asset USING gist (geom);
CREATE INDEX asset_usable_area ON asset (kind, usable_area_m2, id);
CREATE INDEX asset_name ON asset USING gin (name gin_trgm_ops);

CREATE TABLE history.asset (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, zone_id uuid, parent_id uuid, root_id uuid,
  is_leaf boolean, level text, plot_id uuid, kind text, code text, name text, geom geometry(MultiPolygon, 4326), stated_area numeric(18, 6),
  stated_area_unit text, measured_area_m2 numeric(16, 2), available_area_m2 numeric(16, 2), is_divisible boolean, min_divisible_m2 numeric(16, 2),
  storeys integer, floor_no integer, clear_height_m numeric(6, 2), clear_height_at text, floor_load_kn_m2 numeric(8, 2), crane_t numeric(8, 2),
  span_m numeric(6, 2), power_kva numeric(12, 1), expandable_kva numeric(12, 1), fire_hazard_class text, planned_use_code text,
  planned_use_system text, far_max numeric(6, 2), land_right text, term_ends_on date, allowed_paths text[], allowed_industries text[],
  forbidden_industries text[], rent_yuan_m2_month numeric(12, 2), property_fee_yuan_m2_month numeric(12, 2), price_yuan_m2 numeric(14, 2),
  contribution_yuan numeric(18, 2), lowest_rent_yuan_m2_month numeric(12, 2), lowest_price_yuan_m2 numeric(14, 2), min_lease_months integer,
  available_from date, idle_basis text, idle_since date, idle_since_precision text, title_is_registered boolean, mortgage text, is_seized boolean,
  works jsonb, attributes jsonb, source text, illustrative text[], listing text
);
CREATE INDEX ON history.asset (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva,
  expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month,
  lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision, title_is_registered, mortgage, is_seized,
  works, attributes, source, illustrative, listing
  OR DELETE ON asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva,
  expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, lowest_rent_yuan_m2_month,
  lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision, title_is_registered, mortgage, is_seized,
  works, attributes, source, illustrative, listing
  );
CREATE VIEW asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
    title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing
  FROM asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, idle_since, idle_since_precision,
    title_is_registered, mortgage, is_seized, works, attributes, source, illustrative, listing
  FROM history.asset;

COMMENT ON TABLE asset IS 'One unit that can be let, sold or contributed: a plot or part of it, a building, floor or bay.';
COMMENT ON COLUMN asset.park_id IS 'The park it lies in; never changed [public]';
COMMENT ON COLUMN asset.id IS 'UUIDv7 [public]';
COMMENT ON COLUMN asset.zone_id IS 'The zone (园中园) it lies in [public]';
COMMENT ON COLUMN asset.parent_id IS 'The unit it is a part of [public]';
COMMENT ON COLUMN asset.root_id IS 'The plot or building at the top of its tree; the row that acts lock [public]';
COMMENT ON COLUMN asset.is_leaf IS 'True while it has no parts: only leaves carry claims; never set back [public]';
COMMENT ON COLUMN asset.level IS 'Place in the tree: plot, part, building, floor, bay [public]';
COMMENT ON COLUMN asset.plot_id IS 'The plot a building stands on [public]';
COMMENT ON COLUMN asset.kind IS 'land or factory [public]';
COMMENT ON COLUMN asset.code IS 'Number in the park''s own ledger (资产编号) [public]';
COMMENT ON COLUMN asset.name IS 'Name [public]';
COMMENT ON COLUMN asset.geom IS 'Outline, EPSG:4326, lon lat degrees [public]';
COMMENT ON COLUMN asset.stated_area IS 'Area as stated, in stated_area_unit; never overwritten by the measured one [public]';
COMMENT ON COLUMN asset.stated_area_unit IS 'Unit of stated_area: m2, mu (2000/3 m²) or ha [public]';
COMMENT ON COLUMN asset.measured_area_m2 IS 'Geodesic area of the outline, m² [public]';
COMMENT ON COLUMN asset.available_area_m2 IS 'Area that can be taken, m²; NULL: the whole [public]';
COMMENT ON COLUMN asset.is_divisible IS 'Whether a part can be taken (可分割); NULL unknown [public]';
COMMENT ON COLUMN asset.min_divisible_m2 IS 'Smallest part, m² (最小分割面积) [public]';
COMMENT ON COLUMN asset.storeys IS 'Floors of the building [public]';
COMMENT ON COLUMN asset.floor_no IS 'Floor it lies on, 1 = ground [public]';
COMMENT ON COLUMN asset.clear_height_m IS 'Clear height (净高), m [public]';
COMMENT ON COLUMN asset.clear_height_at IS 'Where the height was measured [public]';
COMMENT ON COLUMN asset.floor_load_kn_m2 IS 'Floor load (楼地面荷载), kN/m² [public]';
COMMENT ON COLUMN asset.crane_t IS 'Largest crane (行车), t; 0 none [public]';
COMMENT ON COLUMN asset.span_m IS 'Span (跨度), m [public]';
COMMENT ON COLUMN asset.power_kva IS 'Free power (配电容量), kVA [public]';
COMMENT ON COLUMN asset.expandable_kva IS 'Power it can be brought to (可增容), kVA [public]';
COMMENT ON COLUMN asset.fire_hazard_class IS 'Most dangerous fire hazard class accepted (甲乙丙丁戊 = A…E), GB 50016-2014 table 3.1.1 [public]';
COMMENT ON COLUMN asset.planned_use_code IS 'Planned use (规划用途) in planned_use_system [public]';
COMMENT ON COLUMN asset.planned_use_system IS 'Code system of planned_use_code [public]';
COMMENT ON COLUMN asset.far_max IS 'Highest floor area ratio (容积率) [public]';
COMMENT ON COLUMN asset.land_right IS '权利性质: granted, allocated, leased, collective [public]';
COMMENT ON COLUMN asset.term_ends_on IS 'End of the land-use term (使用年限) [public]';
COMMENT ON COLUMN asset.allowed_paths IS 'Ways it may be put back to use (可盘活方式) [public]';
COMMENT ON COLUMN asset.allowed_industries IS 'GB/T 4754-2017 prefixes admitted (适用行业); NULL: any [public]';
COMMENT ON COLUMN asset.forbidden_industries IS 'GB/T 4754-2017 prefixes excluded (禁止行业); the longest prefix wins [public]';
COMMENT ON COLUMN asset.rent_yuan_m2_month IS 'Rent asked, yuan/m²/month [public]';
COMMENT ON COLUMN asset.property_fee_yuan_m2_month IS 'Property fee, yuan/m²/month [public]';
COMMENT ON COLUMN asset.price_yuan_m2 IS 'Price asked, yuan/m² [public]';
COMMENT ON COLUMN asset.contribution_yuan IS 'Value asked as equity contribution, yuan [public]';
COMMENT ON COLUMN asset.lowest_rent_yuan_m2_month IS 'Lowest rent the holder takes, yuan/m²/month [staff]';
COMMENT ON COLUMN asset.lowest_price_yuan_m2 IS 'Lowest price the holder takes, yuan/m² [staff]';
COMMENT ON COLUMN asset.min_lease_months IS 'Shortest lease, months [public]';
COMMENT ON COLUMN asset.available_from IS 'First day it can be handed over (可交付日期) [public]';
COMMENT ON COLUMN asset.idle_basis IS 'Why it counts as idle: Order 53 or a local label [public]';
COMMENT ON COLUMN asset.idle_since IS 'Idle since [public]';
COMMENT ON COLUMN asset.idle_since_precision IS 'How exactly idle_since is known [public]';
COMMENT ON COLUMN asset.title_is_registered IS 'Title registered (产权已登记); NULL unknown [public]';
COMMENT ON COLUMN asset.mortgage IS 'Mortgage (抵押) and what became of it [staff]';
COMMENT ON COLUMN asset.is_seized IS 'Seized by a court (查封); NULL unknown [staff]';
COMMENT ON COLUMN asset.works IS 'Known cures: rule, up_to, cost_yuan, days, source, payer [public]';
COMMENT ON COLUMN asset.attributes IS 'Further documented facts, see docs/attributes.md [public]';
COMMENT ON COLUMN asset.source IS 'Where the facts come from [public]';
COMMENT ON COLUMN asset.illustrative IS 'Names of the fields that are invented for demonstration [public]';
COMMENT ON COLUMN asset.listing IS 'What the holder said: draft, published, withdrawn [public]';
COMMENT ON COLUMN asset.parent_is_leaf IS 'Always false beside a parent: a part cannot hang under a leaf [public]';
COMMENT ON COLUMN asset.area_m2 IS 'Stated area, m² [public]';
COMMENT ON COLUMN asset.area_mu IS 'Stated area, mu [public]';
COMMENT ON COLUMN asset.usable_area_m2 IS 'Area that searches and rankings use: available, else stated, else measured, m² [public]';
COMMENT ON COLUMN asset.availability IS 'Derived from listing and claims by every act that touches the unit [public]';
COMMENT ON COLUMN asset.issues IS 'Faults found in the facts, to be mended by staff [staff]';
COMMENT ON COLUMN asset.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN asset.feature IS 'GeoJSON text of the public facts, made on write [public]';
COMMENT ON COLUMN asset.recorded_at IS 'Known from; UTC [public]';

-- Names of fields without those only staff may know of.
CREATE FUNCTION public_names(names text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array(SELECT n FROM unnest(names) AS n
    WHERE n NOT IN ('lowest_rent_yuan_m2_month', 'lowest_price_yuan_m2', 'mortgage', 'is_seized') ORDER BY n)
$$;

-- The public facts of a unit as GeoJSON, numbers without trailing zeros; written into asset.feature by the act that changes them.
CREATE FUNCTION asset_feature(a asset) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
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
      a.title_is_registered, a.works, a.attributes, a.source, public_names(a.illustrative) AS illustrative, a.listing, trim_scale(a.area_m2) AS area_m2,
      trim_scale(a.area_mu) AS area_mu, trim_scale(a.usable_area_m2) AS usable_area_m2, a.availability, a.revision, a.recorded_at
    ) AS p) || '}'
$$;
-- What only the park's own staff read of a unit.
CREATE FUNCTION asset_staff_facts(a asset) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(s)::text FROM (SELECT trim_scale(a.lowest_rent_yuan_m2_month) AS lowest_rent_yuan_m2_month, trim_scale(a.lowest_price_yuan_m2) AS lowest_price_yuan_m2, a.mortgage, a.is_seized, a.issues) AS s
$$;

-- Public rows, and every row of the caller's own parks; staff facts for the caller's own parks alone.
CREATE VIEW asset_visible AS
  SELECT
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2,
    available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m,
    power_kva, expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths,
    allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, min_lease_months,
    available_from, idle_basis, idle_since, idle_since_precision, title_is_registered, works, attributes, source, public_names(illustrative) AS illustrative, listing, area_m2,
    area_mu, usable_area_m2, availability, revision, feature, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]) THEN asset_staff_facts(asset) END AS staff_facts
  FROM asset
  WHERE listing = 'published' OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);

CREATE TABLE occupancy (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  leaf_id uuid NOT NULL,
  on_leaf boolean GENERATED ALWAYS AS (true) STORED,
  claim text NOT NULL CONSTRAINT claim_known CHECK (claim IN ('use', 'deal')),
  source_kind text NOT NULL CONSTRAINT claim_source_known CHECK (source_kind IN ('tenancy', 'reservation', 'deal')),
  source_id uuid NOT NULL,
  holder_id uuid NOT NULL,
  during daterange NOT NULL CONSTRAINT claims_last_a_day CHECK (NOT isempty(during)),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT claims_lie_on_leaves FOREIGN KEY (park_id, leaf_id, on_leaf) REFERENCES asset (park_id, id, is_leaf),
  CONSTRAINT no_double_letting EXCLUDE USING gist (park_id WITH =, leaf_id WITH =, claim WITH =, during WITH &&)
);
CREATE INDEX occupancy_id ON occupancy (id);
CREATE INDEX occupancy_source ON occupancy (park_id, source_id);
CREATE TABLE history.occupancy (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL,
  park_id uuid, id uuid, leaf_id uuid, claim text, source_kind text, source_id uuid, holder_id uuid, during daterange
);
CREATE INDEX ON history.occupancy (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during OR DELETE ON occupancy
  FOR EACH ROW EXECUTE FUNCTION keep_past(park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during);
CREATE VIEW occupancy_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during FROM occupancy
  UNION ALL SELECT superseded_at, recorded_at, park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during FROM history.occupancy;
COMMENT ON TABLE occupancy IS 'One row for every leaf that a tenancy, a reservation or an active deal takes.';
COMMENT ON COLUMN occupancy.park_id IS 'The park [staff]';
COMMENT ON COLUMN occupancy.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN occupancy.leaf_id IS 'The leaf claimed [staff]';
COMMENT ON COLUMN occupancy.on_leaf IS 'Always true: a unit with parts cannot be claimed [staff]';
COMMENT ON COLUMN occupancy.claim IS 'use: who may be in there; deal: an active deal [staff]';
COMMENT ON COLUMN occupancy.source_kind IS 'tenancy, reservation or deal [staff]';
COMMENT ON COLUMN occupancy.source_id IS 'The outcome behind it [staff]';
COMMENT ON COLUMN occupancy.holder_id IS 'The firm that holds it [staff]';
COMMENT ON COLUMN occupancy.during IS 'Days, half-open, Asia/Shanghai [staff]';
COMMENT ON COLUMN occupancy.recorded_at IS 'Known from; UTC [staff]';


-- What readers should see of the units of these trees on that day, from claims and listing; roots NULL: every tree of the park.
CREATE FUNCTION derived_availability(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid, root_id uuid, availability text)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unit AS (
    SELECT a.id, a.root_id, a.parent_id, a.is_leaf, a.listing FROM asset AS a WHERE a.park_id = park AND (roots IS NULL OR a.root_id = ANY (roots))
  ), claimed AS (
    SELECT o.leaf_id, bool_or(o.source_kind = 'tenancy') AS is_used FROM occupancy AS o
    WHERE o.park_id = park AND o.leaf_id = ANY (ARRAY(SELECT unit.id FROM unit WHERE unit.is_leaf)) AND o.during @> day GROUP BY o.leaf_id
  ), under (whole_id, leaf_id) AS (
    SELECT unit.id, unit.id FROM unit WHERE unit.is_leaf
    UNION ALL
    SELECT unit.parent_id, under.leaf_id FROM under JOIN unit ON unit.id = under.whole_id WHERE unit.parent_id IS NOT NULL
  )
  SELECT unit.id, unit.root_id,
    CASE WHEN bool_or(claimed.is_used) THEN 'occupied' WHEN count(claimed.leaf_id) > 0 THEN 'reserved'
      WHEN unit.listing = 'published' THEN 'available' ELSE unit.listing END
  FROM unit LEFT JOIN under ON under.whole_id = unit.id LEFT JOIN claimed ON claimed.leaf_id = under.leaf_id
  GROUP BY unit.id, unit.root_id, unit.listing
$$;

ALTER TABLE asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.asset ENABLE ROW LEVEL SECURITY;
ALTER TABLE occupancy ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.occupancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON occupancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.occupancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON asset TO panhuo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON occupancy TO panhuo_app;
GRANT SELECT ON history.asset, history.occupancy, asset_known, occupancy_known TO panhuo_app;
GRANT SELECT ON asset_visible TO panhuo_app, panhuo_public;
