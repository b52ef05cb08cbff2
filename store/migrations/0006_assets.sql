-- Units: plots, buildings, floors, bays; what is said of them beside their own facts, and what readers see.

SET search_path = panhuo, public;

-- What two spellings of one code have in common: no blanks around it, one width, one case.
CREATE FUNCTION folded_code(code text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(btrim(normalize(code, NFKC)))
$$;
REVOKE ALL ON FUNCTION folded_code(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION folded_code(text) TO panhuo_app;

-- Names of fields without those only staff may know of.
CREATE FUNCTION public_names(names text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array(SELECT n FROM unnest(names) AS n
    WHERE n NOT IN ('lowest_rent_yuan_m2_month', 'lowest_price_yuan_m2', 'mortgage', 'is_seized') ORDER BY n)
$$;
REVOKE ALL ON FUNCTION public_names(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public_names(text[]) TO panhuo_app, panhuo_public;

-- Share of the smaller outline that both cover. Two that only touch share nothing.
CREATE FUNCTION overlap_share(one geometry, other geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
  SELECT ST_Area(ST_Intersection(one, other)::geography) / least(ST_Area(one::geography), ST_Area(other::geography))
$$;
REVOKE ALL ON FUNCTION overlap_share(geometry, geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overlap_share(geometry, geometry) TO panhuo_app;

-- Whether two outlines share more than surveying leaves, 1 m².
CREATE FUNCTION outlines_meet(one geometry, other geometry) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
  SELECT one && other AND ST_Area(ST_Intersection(one, other)::geography) > 1
$$;
REVOKE ALL ON FUNCTION outlines_meet(geometry, geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outlines_meet(geometry, geometry) TO panhuo_app;

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
  geom geometry(MultiPolygon, 4326) NOT NULL
    CONSTRAINT asset_outline_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
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
  planned_use_system text
    CONSTRAINT planned_use_system_known CHECK (planned_use_system IN ('GB50137', 'TDYH2023', 'GBT21010')),
  far_max numeric(6, 2) CONSTRAINT far_range CHECK (far_max > 0 AND far_max <= 50),
  land_right text CONSTRAINT land_right_known CHECK (land_right IN ('granted', 'allocated', 'leased', 'collective')),
  term_ends_on date,
  allowed_paths text[] NOT NULL DEFAULT '{}' CONSTRAINT allowed_paths_known
    CHECK (allowed_paths <@ ARRAY['lease', 'sublease', 'sale', 'equity_swap', 'share_purchase', 'judicial_auction',
    'repurchase_resupply', 'owner_restart', 'merger', 'part_use', 'temporary_use', 'joint_development',
    'built_to_suit']),
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
  idle_basis text CONSTRAINT idle_basis_known CHECK (idle_basis IN ('legal_idle', 'inefficient', 'approved_unsupplied',
    'supplied_unused', 'stuck_project', 'vacant_building', 'partly_vacant')),
  stated_idle_since date,
  stated_idle_since_precision text
    CONSTRAINT stated_idle_since_precision_known CHECK (stated_idle_since_precision IN ('day', 'month', 'year')),
  title_is_registered boolean,
  mortgage text CONSTRAINT mortgage_known CHECK (mortgage IN ('none', 'released', 'consented', 'unreleased')),
  is_seized boolean,
  works jsonb NOT NULL DEFAULT '[]' CONSTRAINT works_is_a_list CHECK (jsonb_typeof(works) = 'array'),
  attributes jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT attributes_is_an_object CHECK (jsonb_typeof(attributes) = 'object'),
  source text,
  illustrative text[] NOT NULL DEFAULT '{}',
  listing text NOT NULL DEFAULT 'draft'
    CONSTRAINT asset_listing CHECK (listing IN ('draft', 'published', 'withdrawn')),
  parent_is_leaf boolean GENERATED ALWAYS AS (CASE WHEN parent_id IS NOT NULL THEN false END) STORED,
  area_m2 numeric GENERATED ALWAYS AS (CASE stated_area_unit WHEN 'm2' THEN stated_area
    WHEN 'ha' THEN stated_area * 10000 WHEN 'mu' THEN round(stated_area * 2000 / 3, 4) END) STORED,
  area_mu numeric GENERATED ALWAYS AS (CASE stated_area_unit WHEN 'mu' THEN stated_area WHEN 'ha' THEN stated_area * 15
    WHEN 'm2' THEN stated_area * 0.0015 END) STORED,
  usable_area_m2 numeric GENERATED ALWAYS AS (coalesce(available_area_m2, CASE stated_area_unit
    WHEN 'm2' THEN stated_area WHEN 'ha' THEN stated_area * 10000 WHEN 'mu' THEN round(stated_area * 2000 / 3, 4) END,
    measured_area_m2)) STORED,
  availability text NOT NULL DEFAULT 'draft',
  issues jsonb NOT NULL DEFAULT '[]',
  revision bigint NOT NULL DEFAULT 1,
  feature text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  search tsvector NOT NULL,
  spelling text NOT NULL,
  effluent_types text[] CONSTRAINT effluent_types_known
    CHECK (effluent_types <@ ARRAY['sanitary', 'process', 'organic', 'saline', 'heavy_metal', 'electroplating',
    'acid_alkali']),
  effluent_free_t_d numeric(12, 1)
    CONSTRAINT effluent_free_range CHECK (effluent_free_t_d >= 0 AND effluent_free_t_d <= 1e7),
  condition_grade integer CONSTRAINT condition_grade_range CHECK (condition_grade BETWEEN 1 AND 5),
  lon_e7 integer NOT NULL GENERATED ALWAYS AS (round(ST_X(ST_PointOnSurface(geom)) * 1e7)::integer) STORED,
  lat_e7 integer NOT NULL GENERATED ALWAYS AS (round(ST_Y(ST_PointOnSurface(geom)) * 1e7)::integer) STORED,
  x_e9 integer NOT NULL GENERATED ALWAYS AS (round(cos(radians(ST_Y(ST_PointOnSurface(geom)))) *
    cos(radians(ST_X(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED,
  y_e9 integer NOT NULL GENERATED ALWAYS AS (round(cos(radians(ST_Y(ST_PointOnSurface(geom)))) *
    sin(radians(ST_X(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED,
  z_e9 integer NOT NULL GENERATED ALWAYS AS (round(sin(radians(ST_Y(ST_PointOnSurface(geom)))) * 1e9)::integer) STORED,
  changed_at timestamptz NOT NULL DEFAULT act_at(),
  stated_idle_since_source text,
  idle_since date,
  idle_since_precision text
    CONSTRAINT idle_since_precision_known CHECK (idle_since_precision IN ('day', 'month', 'year')),
  completed_on date,
  completed_on_precision text
    CONSTRAINT completed_on_precision_known CHECK (completed_on_precision IN ('day', 'month', 'year')),
  is_code_doubled boolean NOT NULL DEFAULT false,
  code_key text GENERATED ALWAYS AS (CASE WHEN NOT is_code_doubled THEN folded_code(code) END) STORED,
  PRIMARY KEY (park_id, id),
  CONSTRAINT leafness UNIQUE (park_id, id, is_leaf),
  CONSTRAINT no_part_under_a_leaf FOREIGN KEY (park_id, parent_id, parent_is_leaf)
    REFERENCES asset (park_id, id, is_leaf),
  CONSTRAINT asset_plot FOREIGN KEY (park_id, plot_id) REFERENCES asset (park_id, id),
  CONSTRAINT asset_zone FOREIGN KEY (park_id, zone_id) REFERENCES zone (park_id, id),
  CONSTRAINT stated_area_has_a_unit CHECK ((stated_area IS NULL) = (stated_area_unit IS NULL)),
  CONSTRAINT roots_have_no_parent CHECK ((parent_id IS NULL) = (root_id = id)),
  CONSTRAINT level_fits_kind CHECK (kind = CASE WHEN level IN ('plot', 'part') THEN 'land' ELSE 'factory' END),
  CONSTRAINT roots_are_plots_or_buildings CHECK ((parent_id IS NULL) = (level IN ('plot', 'building'))),
  CONSTRAINT only_buildings_stand_on_plots CHECK (plot_id IS NULL OR level = 'building'),
  CONSTRAINT floors_have_a_number CHECK (level <> 'floor' OR floor_no IS NOT NULL),
  CONSTRAINT completion_has_a_precision CHECK ((completed_on IS NULL) = (completed_on_precision IS NULL)),
  CONSTRAINT idle_start_has_a_precision CHECK ((idle_since IS NULL) = (idle_since_precision IS NULL)),
  CONSTRAINT asset_availability CHECK (availability IN ('draft', 'available', 'reserved', 'occupied', 'to_verify',
    'withdrawn')),
  CONSTRAINT asset_code_taken UNIQUE (park_id, code_key)
);
CREATE INDEX asset_id ON asset (id);
CREATE INDEX asset_root ON asset (park_id, root_id);
CREATE INDEX asset_geom ON asset USING gist (geom);
CREATE INDEX asset_usable_area ON asset (kind, usable_area_m2, id);
CREATE INDEX asset_search ON asset USING gin (search);
CREATE INDEX asset_spelling ON asset USING gin (spelling gin_trgm_ops);
CREATE INDEX asset_changed ON asset (park_id, changed_at);
CREATE INDEX asset_parent ON asset (park_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX asset_on_plot ON asset (park_id, plot_id) WHERE plot_id IS NOT NULL;
CREATE TABLE history.asset (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, zone_id uuid,
  parent_id uuid, root_id uuid, is_leaf boolean, level text, plot_id uuid, kind text, code text, name text,
  geom geometry(MultiPolygon, 4326), stated_area numeric(18, 6), stated_area_unit text,
  measured_area_m2 numeric(16, 2), available_area_m2 numeric(16, 2), is_divisible boolean,
  min_divisible_m2 numeric(16, 2), storeys integer, floor_no integer, clear_height_m numeric(6, 2),
  clear_height_at text, floor_load_kn_m2 numeric(8, 2), crane_t numeric(8, 2), span_m numeric(6, 2),
  power_kva numeric(12, 1), expandable_kva numeric(12, 1), fire_hazard_class text, planned_use_code text,
  planned_use_system text, far_max numeric(6, 2), land_right text, term_ends_on date, allowed_paths text[],
  allowed_industries text[], forbidden_industries text[], rent_yuan_m2_month numeric(12, 2),
  property_fee_yuan_m2_month numeric(12, 2), price_yuan_m2 numeric(14, 2), contribution_yuan numeric(18, 2),
  lowest_rent_yuan_m2_month numeric(12, 2), lowest_price_yuan_m2 numeric(14, 2), min_lease_months integer,
  available_from date, idle_basis text, stated_idle_since date, stated_idle_since_precision text,
  title_is_registered boolean, mortgage text, is_seized boolean, works jsonb, attributes jsonb, source text,
  illustrative text[], listing text, effluent_types text[], effluent_free_t_d numeric(12, 1), condition_grade integer,
  completed_on date, completed_on_precision text, stated_idle_since_source text,
  CONSTRAINT past_asset_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.asset (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area,
  stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no,
  clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class,
  planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
  stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative,
  listing, effluent_types, effluent_free_t_d, condition_grade, completed_on, completed_on_precision,
  stated_idle_since_source
  OR DELETE ON asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area,
  stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no,
  clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class,
  planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
  lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
  stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative,
  listing, effluent_types, effluent_free_t_d, condition_grade, completed_on, completed_on_precision,
  stated_idle_since_source);
CREATE VIEW asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area,
    stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no,
    clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class,
    planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
    forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
    stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative,
    listing, effluent_types, effluent_free_t_d, condition_grade, completed_on, completed_on_precision,
    stated_idle_since_source
  FROM asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area,
    stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no,
    clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class,
    planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
    forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    lowest_rent_yuan_m2_month, lowest_price_yuan_m2, min_lease_months, available_from, idle_basis, stated_idle_since,
    stated_idle_since_precision, title_is_registered, mortgage, is_seized, works, attributes, source, illustrative,
    listing, effluent_types, effluent_free_t_d, condition_grade, completed_on, completed_on_precision,
    stated_idle_since_source
  FROM history.asset;
COMMENT ON TABLE asset IS
  'One unit that can be let, sold or contributed: a plot or part of it, a building, floor or bay.';
COMMENT ON COLUMN asset.park_id IS 'The park it lies in; never changed [public]';
COMMENT ON COLUMN asset.id IS 'UUIDv7 [public]';
COMMENT ON COLUMN asset.zone_id IS 'The zone (园中园) it lies in [public]';
COMMENT ON COLUMN asset.parent_id IS 'The unit it is a part of [public]';
COMMENT ON COLUMN asset.root_id IS 'The plot or building at the top of its tree; the row that acts lock [public]';
COMMENT ON COLUMN asset.is_leaf IS
  'True while it has no parts: only leaves carry claims; set back when the only part is voided [public]';
COMMENT ON COLUMN asset.level IS 'Place in the tree: plot, part, building, floor, bay [public]';
COMMENT ON COLUMN asset.plot_id IS 'The plot a building stands on [public]';
COMMENT ON COLUMN asset.kind IS 'land or factory [public]';
COMMENT ON COLUMN asset.code IS 'Number in the park''s own ledger (资产编号) [public]';
COMMENT ON COLUMN asset.name IS 'Name [public]';
COMMENT ON COLUMN asset.geom IS 'Outline, EPSG:4326, lon lat degrees [public]';
COMMENT ON COLUMN asset.stated_area IS
  'Area as stated, in stated_area_unit; never overwritten by the measured one [public]';
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
COMMENT ON COLUMN asset.fire_hazard_class IS
  'Most dangerous fire hazard class accepted (甲乙丙丁戊 = A…E), GB 50016-2014 table 3.1.1 [public]';
COMMENT ON COLUMN asset.planned_use_code IS 'Planned use (规划用途) in planned_use_system [public]';
COMMENT ON COLUMN asset.planned_use_system IS 'Code system of planned_use_code [public]';
COMMENT ON COLUMN asset.far_max IS 'Highest floor area ratio (容积率) [public]';
COMMENT ON COLUMN asset.land_right IS '权利性质: granted, allocated, leased, collective [public]';
COMMENT ON COLUMN asset.term_ends_on IS 'End of the land-use term (使用年限) [public]';
COMMENT ON COLUMN asset.allowed_paths IS 'Ways it may be put back to use (可盘活方式) [public]';
COMMENT ON COLUMN asset.allowed_industries IS 'GB/T 4754-2017 prefixes admitted (适用行业); NULL: any [public]';
COMMENT ON COLUMN asset.forbidden_industries IS
  'GB/T 4754-2017 prefixes excluded (禁止行业); the longest prefix wins [public]';
COMMENT ON COLUMN asset.rent_yuan_m2_month IS 'Rent asked, yuan/m²/month [public]';
COMMENT ON COLUMN asset.property_fee_yuan_m2_month IS 'Property fee, yuan/m²/month [public]';
COMMENT ON COLUMN asset.price_yuan_m2 IS 'Price asked, yuan/m² [public]';
COMMENT ON COLUMN asset.contribution_yuan IS 'Value asked as equity contribution, yuan [public]';
COMMENT ON COLUMN asset.lowest_rent_yuan_m2_month IS 'Lowest rent the holder takes, yuan/m²/month [staff]';
COMMENT ON COLUMN asset.lowest_price_yuan_m2 IS 'Lowest price the holder takes, yuan/m² [staff]';
COMMENT ON COLUMN asset.min_lease_months IS 'Shortest lease, months [public]';
COMMENT ON COLUMN asset.available_from IS 'First day it can be handed over (可交付日期) [public]';
COMMENT ON COLUMN asset.idle_basis IS 'Why it counts as idle: Order 53 or a local label [public]';
COMMENT ON COLUMN asset.stated_idle_since IS 'Idle since, as entered; idle_basis is its ground [public]';
COMMENT ON COLUMN asset.stated_idle_since_precision IS 'How exactly stated_idle_since is known [public]';
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
COMMENT ON COLUMN asset.usable_area_m2 IS
  'Area that searches and rankings use: available, else stated, else measured, m² [public]';
COMMENT ON COLUMN asset.availability IS
  'Derived from listing, claims and ends of tenancies by every act that touches the unit [public]';
COMMENT ON COLUMN asset.issues IS 'Faults found in the facts, to be mended by staff [staff]';
COMMENT ON COLUMN asset.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN asset.feature IS 'GeoJSON text of the public facts, made on write [public]';
COMMENT ON COLUMN asset.recorded_at IS 'Known from; UTC [public]';
COMMENT ON COLUMN asset.search IS 'Derived from name and code: each character with its readings and initials [public]';
COMMENT ON COLUMN asset.spelling IS 'Derived from the name: its pinyin, for slips of the pen [public]';
COMMENT ON COLUMN asset.effluent_types IS
  'Kinds of effluent it may discharge (可排放废水种类); NULL unknown, empty none [public]';
COMMENT ON COLUMN asset.effluent_free_t_d IS 'Discharge quota still free (剩余排放指标), t a day; NULL unknown [public]';
COMMENT ON COLUMN asset.condition_grade IS
  'Surveyed state of the building (成新度), 1 worst to 5 as new; NULL not surveyed [public]';
COMMENT ON COLUMN asset.lon_e7 IS 'Longitude of a point on the outline, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.lat_e7 IS 'Latitude of that point, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.x_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.y_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.z_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.changed_at IS
  'Instant of the act that last changed it, UTC, the same as of its events; set wherever revision is raised [owner]';
COMMENT ON COLUMN asset.stated_idle_since_source IS 'Where stated_idle_since comes from [public]';
COMMENT ON COLUMN asset.idle_since IS
  'First day without use, derived from its uses and what was entered; NULL: in use, to verify, or not known [public]';
COMMENT ON COLUMN asset.idle_since_precision IS 'How exactly idle_since is known [public]';
COMMENT ON COLUMN asset.completed_on IS
  'Day the building was completed (竣工); parts without one follow their building; NULL unknown [public]';
COMMENT ON COLUMN asset.completed_on_precision IS 'How exactly completed_on is known [public]';
COMMENT ON COLUMN asset.is_code_doubled IS
  'True: its code was there in another spelling before that was refused; until it changes [owner]';
COMMENT ON COLUMN asset.code_key IS
  'Its code without blanks around it, in one width and case; NULL where doubled [owner]';
ALTER TABLE asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON asset TO panhuo_app;
GRANT SELECT ON history.asset, asset_known TO panhuo_app;

-- The public facts of a unit as GeoJSON, numbers without trailing zeros; written into asset.feature by the act that
-- changes them.
CREATE FUNCTION asset_feature(a asset) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT '{"type":"Feature","id":"' || a.id || '","geometry":' || ST_AsGeoJSON(a.geom, 7) || ',"properties":' || (
    SELECT row_to_json(p)::text FROM (SELECT
      a.park_id, a.zone_id, a.parent_id, a.root_id, a.is_leaf, a.level, a.plot_id, a.kind, a.code, a.name,
      trim_scale(a.stated_area) AS stated_area, a.stated_area_unit, trim_scale(a.measured_area_m2) AS measured_area_m2,
      trim_scale(a.available_area_m2) AS available_area_m2, a.is_divisible,
      trim_scale(a.min_divisible_m2) AS min_divisible_m2, a.storeys, a.floor_no,
      trim_scale(a.clear_height_m) AS clear_height_m, a.clear_height_at,
      trim_scale(a.floor_load_kn_m2) AS floor_load_kn_m2, trim_scale(a.crane_t) AS crane_t,
      trim_scale(a.span_m) AS span_m, trim_scale(a.power_kva) AS power_kva,
      trim_scale(a.expandable_kva) AS expandable_kva, a.fire_hazard_class, a.planned_use_code, a.planned_use_system,
      trim_scale(a.far_max) AS far_max, a.land_right, a.term_ends_on, a.allowed_paths, a.allowed_industries,
      a.forbidden_industries, trim_scale(a.rent_yuan_m2_month) AS rent_yuan_m2_month,
      trim_scale(a.property_fee_yuan_m2_month) AS property_fee_yuan_m2_month,
      trim_scale(a.price_yuan_m2) AS price_yuan_m2, trim_scale(a.contribution_yuan) AS contribution_yuan,
      a.min_lease_months, a.available_from, a.idle_basis, a.idle_since, a.idle_since_precision, a.stated_idle_since,
      a.stated_idle_since_precision, a.stated_idle_since_source, a.completed_on, a.completed_on_precision,
      a.title_is_registered, a.effluent_types, trim_scale(a.effluent_free_t_d) AS effluent_free_t_d, a.condition_grade,
      a.works, a.attributes, a.source, public_names(a.illustrative) AS illustrative, a.listing,
      trim_scale(a.area_m2) AS area_m2, trim_scale(a.area_mu) AS area_mu,
        trim_scale(a.usable_area_m2) AS usable_area_m2, a.availability, a.revision, a.recorded_at
    ) AS p) || '}'
$$;
REVOKE ALL ON FUNCTION asset_feature(asset) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION asset_feature(asset) TO panhuo_app;

-- What only the park's own staff read of a unit.
CREATE FUNCTION asset_staff_facts(a asset) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(s)::text FROM (SELECT trim_scale(a.lowest_rent_yuan_m2_month) AS lowest_rent_yuan_m2_month,
    trim_scale(a.lowest_price_yuan_m2) AS lowest_price_yuan_m2, a.mortgage, a.is_seized, a.issues) AS s
$$;
REVOKE ALL ON FUNCTION asset_staff_facts(asset) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION asset_staff_facts(asset) TO panhuo_app, panhuo_public;

CREATE VIEW asset_visible AS
  SELECT
    park_id, id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, geom, stated_area,
    stated_area_unit, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no,
    clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva, expandable_kva, fire_hazard_class,
    planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
    forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan,
    min_lease_months, available_from, idle_basis, idle_since, idle_since_precision, stated_idle_since,
    stated_idle_since_precision, stated_idle_since_source, completed_on, completed_on_precision, title_is_registered,
    works, attributes, source, public_names(illustrative) AS illustrative, listing, area_m2, area_mu, usable_area_m2,
    availability, revision, feature, recorded_at, CASE
      WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
      THEN asset_staff_facts(asset) END AS staff_facts,
    search, spelling, effluent_types, effluent_free_t_d, condition_grade, lon_e7, lat_e7, x_e9, y_e9, z_e9
  FROM asset
  WHERE listing = 'published'
    OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);
GRANT SELECT ON asset_visible TO panhuo_app, panhuo_public;

-- Plots, or buildings, that overlap on paper and are two all the same.
CREATE TABLE separation (
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  other_id uuid NOT NULL,
  reason text NOT NULL CONSTRAINT separation_reason_length CHECK (length(reason) BETWEEN 1 AND 1000),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT separated_once PRIMARY KEY (park_id, asset_id, other_id),
  CONSTRAINT separated_in_order CHECK (asset_id < other_id),
  CONSTRAINT separated_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id) ON DELETE CASCADE,
  CONSTRAINT separated_other FOREIGN KEY (park_id, other_id) REFERENCES asset (park_id, id) ON DELETE CASCADE
);
CREATE INDEX separation_other ON separation (park_id, other_id);
COMMENT ON TABLE separation IS 'Two units whose outlines overlap and that staff say are separate all the same.';
COMMENT ON COLUMN separation.park_id IS 'The park of both [staff]';
COMMENT ON COLUMN separation.asset_id IS 'The one with the lower id [staff]';
COMMENT ON COLUMN separation.other_id IS 'The other [staff]';
COMMENT ON COLUMN separation.reason IS 'Why they are separate [staff]';
COMMENT ON COLUMN separation.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE separation ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON separation TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON separation TO panhuo_app;

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
COMMENT ON COLUMN asset_adjacency.neighbour_id IS
  'The one beside it; the same pair stands the other way round too [public]';
COMMENT ON COLUMN asset_adjacency.basis IS
  'touch: within 0.5 m; shared_edge: plots with at least 5 m of it; above: floors one above the other [public]';
ALTER TABLE asset_adjacency ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON asset_adjacency TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, DELETE ON asset_adjacency TO panhuo_app;

CREATE TABLE development (
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  agreed_start_on date,
  has_started boolean,
  started_on date,
  stopped_on date,
  due_area_m2 numeric(16, 2) CONSTRAINT due_area_positive CHECK (due_area_m2 > 0),
  developed_area_m2 numeric(16, 2) CONSTRAINT developed_area_range CHECK (developed_area_m2 >= 0),
  planned_investment_yuan numeric(18, 2) CONSTRAINT planned_investment_positive CHECK (planned_investment_yuan > 0),
  invested_yuan numeric(18, 2) CONSTRAINT invested_range CHECK (invested_yuan >= 0),
  land_price_yuan numeric(18, 2) CONSTRAINT land_price_range CHECK (land_price_yuan >= 0),
  determination_no text,
  determined_on date,
  cause text CONSTRAINT idle_cause CHECK (cause IN ('holder', 'government', 'force_majeure')),
  source text NOT NULL,
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  delivered_on date,
  land_permit_on date,
  PRIMARY KEY (park_id, asset_id),
  CONSTRAINT developed_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT started_says_so CHECK (started_on IS NULL OR has_started IS TRUE),
  CONSTRAINT stopped_once_started CHECK (stopped_on IS NULL OR has_started IS TRUE),
  CONSTRAINT stopped_after_start CHECK (stopped_on >= started_on),
  CONSTRAINT developed_within_due CHECK (developed_area_m2 <= due_area_m2),
  CONSTRAINT determination_has_its_day CHECK ((determination_no IS NULL) = (determined_on IS NULL))
);
CREATE TABLE history.development (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, asset_id uuid,
  agreed_start_on date, has_started boolean, started_on date, stopped_on date, due_area_m2 numeric(16, 2),
  developed_area_m2 numeric(16, 2), planned_investment_yuan numeric(18, 2), invested_yuan numeric(18, 2),
  land_price_yuan numeric(18, 2), determination_no text, determined_on date, cause text, source text,
  delivered_on date, land_permit_on date
);
CREATE INDEX ON history.development (park_id, asset_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on
  OR DELETE ON development FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on);
CREATE VIEW development_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM development
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM history.development;
COMMENT ON TABLE development IS
  'What the land contract agreed for a plot and what came of it, read by the clock of Order 53 (2012).';
COMMENT ON COLUMN development.park_id IS 'The park [staff]';
COMMENT ON COLUMN development.asset_id IS 'The plot [staff]';
COMMENT ON COLUMN development.agreed_start_on IS 'Day by which construction was to start (约定动工日期) [staff]';
COMMENT ON COLUMN development.has_started IS 'Whether it started, as Order 53 art. 30 means it; NULL unknown [staff]';
COMMENT ON COLUMN development.started_on IS 'Day it started; NULL unknown or not yet [staff]';
COMMENT ON COLUMN development.stopped_on IS 'Day it stopped (中止开发建设); NULL: none recorded [staff]';
COMMENT ON COLUMN development.due_area_m2 IS 'Area to be developed, m² [staff]';
COMMENT ON COLUMN development.developed_area_m2 IS 'Area developed so far, m² [staff]';
COMMENT ON COLUMN development.planned_investment_yuan IS
  'Total investment agreed, yuan, without land price and taxes [staff]';
COMMENT ON COLUMN development.invested_yuan IS 'Invested so far, yuan, without land price and taxes [staff]';
COMMENT ON COLUMN development.land_price_yuan IS 'Price paid for the land, yuan [staff]';
COMMENT ON COLUMN development.determination_no IS 'Number of the determination (闲置土地认定书); NULL: none [staff]';
COMMENT ON COLUMN development.determined_on IS 'Day of the determination [staff]';
COMMENT ON COLUMN development.cause IS 'Whose side the cause lies on, as determined; NULL unknown [staff]';
COMMENT ON COLUMN development.source IS 'Where the facts come from [staff]';
COMMENT ON COLUMN development.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN development.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN development.delivered_on IS
  'Day the land was delivered (交地确认书): without an agreed start it is due a year later [staff]';
COMMENT ON COLUMN development.land_permit_on IS
  'Day of the land permit (建设用地批准书): counts where the day of delivery is not known [staff]';
ALTER TABLE development ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON development TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.development ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.development TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON development TO panhuo_app;
GRANT SELECT ON history.development, development_known TO panhuo_app;
