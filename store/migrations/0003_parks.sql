-- Parks, their zones, and how much space they have in all.

SET search_path = panhuo, public;

CREATE TABLE park (
  id uuid PRIMARY KEY,
  code text NOT NULL CONSTRAINT park_code_taken UNIQUE
    CONSTRAINT park_code_form CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,31}$'),
  name_zh text NOT NULL,
  name_en text,
  boundary geometry(MultiPolygon, 4326) NOT NULL
    CONSTRAINT park_boundary_valid CHECK (ST_IsValid(boundary) AND NOT ST_IsEmpty(boundary)),
  leading_industries text[] NOT NULL DEFAULT '{}',
  negative_list text[] NOT NULL DEFAULT '{}',
  is_chemical_park boolean,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  feature text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  policies text[] CONSTRAINT park_policies_known
    CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing',
    'research_subsidy', 'fast_approval', 'staged_payment'])
);
CREATE INDEX park_boundary ON park USING gist (boundary);
COMMENT ON TABLE park IS 'A zone with its own administration: the unit of rights, order and distribution.';
COMMENT ON COLUMN park.id IS 'UUIDv7; the tenant of everything in it; never changed [public]';
COMMENT ON COLUMN park.code IS 'Short stable code, such as shuangqiao [public]';
COMMENT ON COLUMN park.name_zh IS 'Chinese name [public]';
COMMENT ON COLUMN park.name_en IS 'English name [public]';
COMMENT ON COLUMN park.boundary IS 'Outline, EPSG:4326, lon lat degrees [public]';
COMMENT ON COLUMN park.leading_industries IS 'GB/T 4754-2017 codes of the leading industries (主导产业) [public]';
COMMENT ON COLUMN park.negative_list IS 'GB/T 4754-2017 prefixes not admitted; the longest prefix wins [public]';
COMMENT ON COLUMN park.is_chemical_park IS 'Recognised chemical park (化工园区); NULL unknown [public]';
COMMENT ON COLUMN park.illustrative IS 'Names of the fields that are invented for demonstration [public]';
COMMENT ON COLUMN park.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN park.feature IS 'GeoJSON text made on write [public]';
COMMENT ON COLUMN park.recorded_at IS 'Known from; UTC [public]';
COMMENT ON COLUMN park.policies IS 'Support the park gives (扶持政策); NULL unknown [public]';
ALTER TABLE park ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON park TO panhuo_app USING (
  id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'))
  WITH CHECK ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON park TO panhuo_app;

CREATE TABLE zone (
  park_id uuid NOT NULL CONSTRAINT zone_park REFERENCES park,
  id uuid NOT NULL,
  code text NOT NULL CONSTRAINT zone_code_form CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,31}$'),
  name_zh text NOT NULL,
  name_en text,
  boundary geometry(MultiPolygon, 4326) NOT NULL
    CONSTRAINT zone_boundary_valid CHECK (ST_IsValid(boundary) AND NOT ST_IsEmpty(boundary)),
  leading_industries text[],
  negative_list text[],
  is_chemical_park boolean,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  feature text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  policies text[] CONSTRAINT zone_policies_known
    CHECK (policies <@ ARRAY['rent_relief', 'fitout_subsidy', 'equipment_subsidy', 'loan_interest', 'talent_housing',
    'research_subsidy', 'fast_approval', 'staged_payment']),
  PRIMARY KEY (park_id, id),
  CONSTRAINT zone_code_taken UNIQUE (park_id, code)
);
CREATE INDEX zone_id ON zone (id);
CREATE INDEX zone_boundary ON zone USING gist (boundary);
COMMENT ON TABLE zone IS 'A sub-park (园中园) inside a park: its facts where they differ from the park''s.';
COMMENT ON COLUMN zone.park_id IS 'The park it lies in [public]';
COMMENT ON COLUMN zone.id IS 'UUIDv7 [public]';
COMMENT ON COLUMN zone.code IS 'Short stable code within the park [public]';
COMMENT ON COLUMN zone.name_zh IS 'Chinese name [public]';
COMMENT ON COLUMN zone.name_en IS 'English name [public]';
COMMENT ON COLUMN zone.boundary IS 'Outline, EPSG:4326, lon lat degrees; inside its park [public]';
COMMENT ON COLUMN zone.leading_industries IS 'GB/T 4754-2017 codes; NULL: as the park [public]';
COMMENT ON COLUMN zone.negative_list IS 'GB/T 4754-2017 prefixes; NULL: as the park [public]';
COMMENT ON COLUMN zone.is_chemical_park IS 'Recognised chemical park; NULL: as the park [public]';
COMMENT ON COLUMN zone.illustrative IS 'Names of the fields that are invented for demonstration [public]';
COMMENT ON COLUMN zone.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN zone.feature IS 'GeoJSON text made on write [public]';
COMMENT ON COLUMN zone.recorded_at IS 'Known from; UTC [public]';
COMMENT ON COLUMN zone.policies IS 'Support given there; NULL: as the park [public]';
ALTER TABLE zone ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON zone TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON zone TO panhuo_app;

-- Parks and zones are one collection to a reader: a zone names the park it lies in.
CREATE VIEW park_visible AS
  SELECT id, NULL::uuid AS zone_of, code, name_zh, name_en, boundary, leading_industries, negative_list,
    is_chemical_park, illustrative, revision, feature, policies FROM park
  UNION ALL
  SELECT z.id, z.park_id, z.code, z.name_zh, z.name_en, z.boundary,
         coalesce(z.leading_industries, p.leading_industries), coalesce(z.negative_list, p.negative_list),
           coalesce(z.is_chemical_park, p.is_chemical_park), z.illustrative, z.revision, z.feature,
           coalesce(z.policies, p.policies)
  FROM zone AS z JOIN park AS p ON p.id = z.park_id;
GRANT SELECT ON park_visible TO panhuo_app, panhuo_public;

CREATE TABLE park_total (
  park_id uuid NOT NULL CONSTRAINT total_of_park REFERENCES park,
  kind text NOT NULL CONSTRAINT total_kind CHECK (kind IN ('land', 'factory')),
  area_m2 numeric(16, 2) NOT NULL CONSTRAINT total_area_positive CHECK (area_m2 > 0),
  source text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, kind)
);
CREATE TABLE history.park_total (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, kind text,
  area_m2 numeric(16, 2), source text
);
CREATE INDEX ON history.park_total (park_id, kind);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, kind, area_m2, source
  OR DELETE ON park_total FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, kind, area_m2, source);
CREATE VIEW park_total_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, park_id, kind, area_m2, source FROM park_total
  UNION ALL SELECT superseded_at, recorded_at, park_id, kind, area_m2, source FROM history.park_total;
COMMENT ON TABLE park_total IS
  'How much industrial land and factory space a park has in all, registered or not, as its administration states it.';
COMMENT ON COLUMN park_total.park_id IS 'The park [public]';
COMMENT ON COLUMN park_total.kind IS 'land or factory [public]';
COMMENT ON COLUMN park_total.area_m2 IS 'The whole area, m² [public]';
COMMENT ON COLUMN park_total.source IS 'Who states it, and as of when [public]';
COMMENT ON COLUMN park_total.recorded_at IS 'Known from; UTC [public]';
ALTER TABLE park_total ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON park_total TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.park_total ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.park_total TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON park_total TO panhuo_app;
GRANT SELECT ON history.park_total, park_total_known TO panhuo_app;
