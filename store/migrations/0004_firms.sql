-- Firms, and what they let the staff of a park write in their name.

SET search_path = panhuo, public;

CREATE TABLE firm (
  id uuid PRIMARY KEY,
  credit_code text CONSTRAINT credit_code_taken UNIQUE
    CONSTRAINT credit_code_form CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  name text NOT NULL CONSTRAINT firm_name_length CHECK (length(name) BETWEEN 1 AND 200),
  industry_code text CONSTRAINT firm_industry REFERENCES industry,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  search tsvector NOT NULL,
  spelling text NOT NULL,
  is_above_scale boolean,
  lon double precision CONSTRAINT firm_lon_range CHECK (lon BETWEEN -180 AND 180),
  lat double precision CONSTRAINT firm_lat_range CHECK (lat BETWEEN -90 AND 90),
  parent_credit_code text CONSTRAINT parent_credit_code_form CHECK (parent_credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$')
    CONSTRAINT firm_is_not_its_own_parent CHECK (parent_credit_code <> credit_code),
  registering_park_id uuid CONSTRAINT firm_registering_park REFERENCES park,
  parent_credit_code_source text
    CONSTRAINT parent_source_length CHECK (length(parent_credit_code_source) BETWEEN 1 AND 1000),
  CONSTRAINT firm_place_whole CHECK ((lon IS NULL) = (lat IS NULL))
);
CREATE INDEX firm_name ON firm (name, id);
CREATE INDEX firm_search ON firm USING gin (search);
CREATE INDEX firm_spelling ON firm USING gin (spelling gin_trgm_ops);
CREATE INDEX firm_anchor ON firm USING gist ((ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography))
  WHERE is_above_scale AND industry_code IS NOT NULL;
COMMENT ON TABLE firm IS 'A firm that seeks, takes or leaves space.';
COMMENT ON COLUMN firm.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN firm.credit_code IS '统一社会信用代码, GB 32100-2015; a public register number [staff]';
COMMENT ON COLUMN firm.name IS 'Registered name [staff]';
COMMENT ON COLUMN firm.industry_code IS 'GB/T 4754-2017 code of the registered name [staff]';
COMMENT ON COLUMN firm.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN firm.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN firm.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN firm.search IS
  'Derived from name and credit code: each character with its readings and initials [staff]';
COMMENT ON COLUMN firm.spelling IS 'Derived from the name: its pinyin, for slips of the pen [staff]';
COMMENT ON COLUMN firm.is_above_scale IS 'Above the designated size (规模以上); NULL unknown [staff]';
COMMENT ON COLUMN firm.lon IS 'Where it produces: longitude, degrees, EPSG:4326; NULL unknown [staff]';
COMMENT ON COLUMN firm.lat IS 'Latitude, degrees [staff]';
COMMENT ON COLUMN firm.parent_credit_code IS
  'Credit code of the parent firm: parent and firms of a common parent are one group; NULL: none known [staff]';
COMMENT ON COLUMN firm.registering_park_id IS
  'The park whose staff registered it; they keep it until its first account; NULL: an admin, or not known [staff]';
COMMENT ON COLUMN firm.parent_credit_code_source IS 'Where parent_credit_code comes from [staff]';
ALTER TABLE firm ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON firm TO panhuo_app USING (
  id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON firm TO panhuo_app;

-- A firm as JSON text, numbers without trailing zeros.
CREATE FUNCTION firm_document(f firm) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    f.id, f.credit_code, f.parent_credit_code, f.parent_credit_code_source, f.name, f.industry_code, f.is_above_scale,
    f.lon, f.lat, f.registering_park_id, f.illustrative, f.revision, f.recorded_at
  ) AS d
$$;
REVOKE ALL ON FUNCTION firm_document(firm) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION firm_document(firm) TO panhuo_app;

-- Who is of one group decides whether a deal renews; staff read it as the register has it.
CREATE VIEW firm_visible AS
  SELECT id, credit_code, name, industry_code, illustrative, revision, firm_document(firm) AS document, search,
    spelling, parent_credit_code
  FROM firm WHERE (SELECT current_setting('app.role', true)) IN ('firm', 'staff', 'admin', 'system');
GRANT SELECT ON firm_visible TO panhuo_app;

CREATE TABLE firm_fact (
  id uuid PRIMARY KEY CONSTRAINT one_count CHECK (id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  rev bigint NOT NULL
);
COMMENT ON TABLE firm_fact IS 'One row: how often the industry, place or size of firms has changed.';
COMMENT ON COLUMN firm_fact.id IS 'Stands among the scopes a ranking has seen [owner]';
COMMENT ON COLUMN firm_fact.rev IS 'Raised by the act that changes such a fact, in commit order [owner]';
ALTER TABLE firm_fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON firm_fact TO panhuo_app USING (
  nullif((SELECT current_setting('app.role', true)), '') IN ('system', 'firm', 'staff', 'admin'));
GRANT SELECT, UPDATE ON firm_fact TO panhuo_app;

INSERT INTO firm_fact (id, rev) VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 1);

-- Source: Civil Code art. 165, a mandate says to whom it is given, for what and until when.
CREATE TABLE mandate (
  firm_id uuid NOT NULL CONSTRAINT mandate_firm REFERENCES firm,
  id uuid NOT NULL,
  park_id uuid NOT NULL CONSTRAINT mandate_park REFERENCES park,
  purposes text[] NOT NULL
    CONSTRAINT mandate_purposes_known CHECK (cardinality(purposes) > 0 AND purposes <@ ARRAY['firm', 'demands']),
  ends_on date NOT NULL,
  source text CONSTRAINT mandate_source_length CHECK (length(source) BETWEEN 1 AND 1000),
  withdrawn_at timestamptz,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (firm_id, id)
);
CREATE INDEX mandate_of_park ON mandate (park_id, id);
CREATE INDEX mandate_id ON mandate (id);
COMMENT ON TABLE mandate IS 'What a firm lets the staff of a park write in its name (授权).';
COMMENT ON COLUMN mandate.firm_id IS 'The firm that gave it [owner]';
COMMENT ON COLUMN mandate.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN mandate.park_id IS 'The park to whose staff it is given [staff]';
COMMENT ON COLUMN mandate.purposes IS
  'firm: the data of the firm; demands: its demands, their rankings and interests [staff]';
COMMENT ON COLUMN mandate.ends_on IS 'Last day it holds, Asia/Shanghai [staff]';
COMMENT ON COLUMN mandate.source IS 'The paper it was given on; NULL: given here by the firm [staff]';
COMMENT ON COLUMN mandate.withdrawn_at IS 'When the firm took it back; UTC; NULL: not taken back [staff]';
COMMENT ON COLUMN mandate.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE mandate ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON mandate FOR SELECT TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
-- Staff read what was given to them and give themselves nothing, whatever scope their act writes.
CREATE POLICY givers ON mandate TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    AND (SELECT current_setting('app.role', true)) = 'admin');
GRANT SELECT, INSERT, UPDATE ON mandate TO panhuo_app;
