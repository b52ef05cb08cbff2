-- Deals that put space back to use, what they revive, and who is where from when to when.

SET LOCAL search_path = panhuo, public;

CREATE TABLE outcome (
  park_id uuid NOT NULL CONSTRAINT outcome_park REFERENCES park,
  id uuid NOT NULL,
  path text NOT NULL CONSTRAINT outcome_path CHECK (path IN ('lease')),
  stage text NOT NULL CONSTRAINT outcome_stage CHECK (stage IN ('opened', 'reserved', 'signed', 'handed_over', 'ended', 'withdrawn', 'corrected')),
  firm_id uuid NOT NULL CONSTRAINT outcome_firm REFERENCES firm,
  demand_id uuid,
  ranking_id uuid,
  opened_on date NOT NULL,
  intended daterange NOT NULL CONSTRAINT intended_lasts_a_day CHECK (NOT isempty(intended)),
  reserved_until date,
  signed_on date,
  revived_on date,
  revived_on_precision text CONSTRAINT revived_on_precision_known CHECK (revived_on_precision IN ('day', 'month', 'year')),
  ended_on date,
  revenue_yuan_year numeric(18, 2) CONSTRAINT promised_revenue_range CHECK (revenue_yuan_year >= 0),
  tax_yuan_year numeric(18, 2) CONSTRAINT promised_tax_range CHECK (tax_yuan_year >= 0),
  source text,
  reason text,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT outcome_ranking FOREIGN KEY (firm_id, ranking_id) REFERENCES ranking (firm_id, id),
  CONSTRAINT revived_once_handed_over CHECK ((revived_on IS NOT NULL) = (stage IN ('handed_over', 'ended'))),
  CONSTRAINT ended_not_before_start CHECK (ended_on >= revived_on),
  CONSTRAINT signed_not_before_opened CHECK (signed_on >= opened_on),
  CONSTRAINT corrections_say_why CHECK (stage NOT IN ('withdrawn', 'corrected') OR reason IS NOT NULL)
);
CREATE TABLE history.outcome (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, path text, stage text, firm_id uuid, demand_id uuid,
  ranking_id uuid, opened_on date, intended daterange, reserved_until date, signed_on date, revived_on date, revived_on_precision text, ended_on date,
  revenue_yuan_year numeric(18, 2), tax_yuan_year numeric(18, 2), source text, reason text, illustrative text[]
);
CREATE INDEX ON history.outcome (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative
  OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative
  );
CREATE VIEW outcome_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
    ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative
  FROM outcome
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
    ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative
  FROM history.outcome;
CREATE INDEX outcome_id ON outcome (id);
CREATE INDEX outcome_revived ON outcome (revived_on);
COMMENT ON TABLE outcome IS 'One revival, from opening to the end of the use.';
COMMENT ON COLUMN outcome.park_id IS 'The park [staff]';
COMMENT ON COLUMN outcome.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN outcome.path IS 'How the space is put back to use [staff]';
COMMENT ON COLUMN outcome.stage IS 'Where the deal stands [staff]';
COMMENT ON COLUMN outcome.firm_id IS 'The firm that takes the space [staff]';
COMMENT ON COLUMN outcome.demand_id IS 'The need it answers; NULL: none was posted [staff]';
COMMENT ON COLUMN outcome.ranking_id IS 'The ranking it came from; NULL: none [staff]';
COMMENT ON COLUMN outcome.opened_on IS 'Day the deal was opened, from which it binds [staff]';
COMMENT ON COLUMN outcome.intended IS 'Intended days of use, half-open [staff]';
COMMENT ON COLUMN outcome.reserved_until IS 'Last day of the reservation [staff]';
COMMENT ON COLUMN outcome.signed_on IS 'Day the lease was signed [staff]';
COMMENT ON COLUMN outcome.revived_on IS 'First day of the tenancy, set at handover: the day the revival counts on [staff]';
COMMENT ON COLUMN outcome.revived_on_precision IS 'How exactly revived_on is known [staff]';
COMMENT ON COLUMN outcome.ended_on IS 'Last day of the tenancy [staff]';
COMMENT ON COLUMN outcome.revenue_yuan_year IS 'Promised revenue, yuan a year: a promise, not a fact [staff]';
COMMENT ON COLUMN outcome.tax_yuan_year IS 'Promised tax, yuan a year [staff]';
COMMENT ON COLUMN outcome.source IS 'Where the facts come from [staff]';
COMMENT ON COLUMN outcome.reason IS 'Why it was withdrawn or corrected [staff]';
COMMENT ON COLUMN outcome.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN outcome.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN outcome.recorded_at IS 'Known from; UTC [staff]';

CREATE TABLE outcome_asset (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT revived_kind CHECK (kind IN ('land', 'factory')),
  stated_area numeric(18, 6),
  stated_area_unit text CONSTRAINT revived_unit_known CHECK (stated_area_unit IN ('m2', 'mu', 'ha')),
  is_illustrative boolean NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id, asset_id),
  CONSTRAINT outcome_of_asset FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT asset_of_outcome FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT revived_area_has_a_unit CHECK ((stated_area IS NULL) = (stated_area_unit IS NULL))
);
CREATE TABLE history.outcome_asset (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, asset_id uuid, kind text,
  stated_area numeric(18, 6), stated_area_unit text, is_illustrative boolean
);
CREATE INDEX ON history.outcome_asset (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  OR DELETE ON outcome_asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  );
CREATE VIEW outcome_asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  FROM outcome_asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  FROM history.outcome_asset;
COMMENT ON TABLE outcome_asset IS 'What a revival counts: the stated area of each unit, copied when the deal binds.';
COMMENT ON COLUMN outcome_asset.park_id IS 'The park [staff]';
COMMENT ON COLUMN outcome_asset.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN outcome_asset.asset_id IS 'The unit [staff]';
COMMENT ON COLUMN outcome_asset.kind IS 'land or factory [staff]';
COMMENT ON COLUMN outcome_asset.stated_area IS 'Stated area of the unit, copied when the lease is signed; NULL unknown [staff]';
COMMENT ON COLUMN outcome_asset.stated_area_unit IS 'Its unit [staff]';
COMMENT ON COLUMN outcome_asset.is_illustrative IS 'Whether that area is invented for demonstration [staff]';
COMMENT ON COLUMN outcome_asset.recorded_at IS 'Known from; UTC [staff]';

CREATE TABLE tenancy (
  park_id uuid NOT NULL CONSTRAINT tenancy_park REFERENCES park,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT tenancy_firm REFERENCES firm,
  during daterange NOT NULL CONSTRAINT tenancy_lasts_a_day CHECK (NOT isempty(during)),
  rent_yuan_m2_month numeric(12, 2) CONSTRAINT tenancy_rent_range CHECK (rent_yuan_m2_month >= 0),
  handed_over_on date,
  is_corrected boolean NOT NULL DEFAULT false,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT tenancy_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT tenancy_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id)
);
CREATE TABLE history.tenancy (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid, asset_id uuid, firm_id uuid,
  during daterange, rent_yuan_m2_month numeric(12, 2), handed_over_on date, is_corrected boolean, illustrative text[]
);
CREATE INDEX ON history.tenancy (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
  OR DELETE ON tenancy FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
  );
CREATE VIEW tenancy_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
  FROM tenancy
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
  FROM history.tenancy;
CREATE INDEX tenancy_id ON tenancy (id);
CREATE INDEX tenancy_asset ON tenancy (park_id, asset_id);
COMMENT ON TABLE tenancy IS 'Who is where from when to when.';
COMMENT ON COLUMN tenancy.park_id IS 'The park [staff]';
COMMENT ON COLUMN tenancy.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN tenancy.outcome_id IS 'The deal it came from [staff]';
COMMENT ON COLUMN tenancy.asset_id IS 'The unit let [staff]';
COMMENT ON COLUMN tenancy.firm_id IS 'The tenant [staff]';
COMMENT ON COLUMN tenancy.during IS 'Days of the tenancy, half-open, Asia/Shanghai [staff]';
COMMENT ON COLUMN tenancy.rent_yuan_m2_month IS 'Rent agreed, yuan/m²/month [staff]';
COMMENT ON COLUMN tenancy.handed_over_on IS 'Day of handover [staff]';
COMMENT ON COLUMN tenancy.is_corrected IS 'True: recorded in error, it never was [staff]';
COMMENT ON COLUMN tenancy.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN tenancy.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN tenancy.recorded_at IS 'Known from; UTC [staff]';

-- A deal and a tenancy as JSON text; days include both ends.
CREATE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    o.park_id, o.id, o.path, o.stage, o.firm_id, o.demand_id, o.ranking_id, o.opened_on,
    lower(o.intended) AS starts_on, upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative,
    o.revision, o.recorded_at,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind, 'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit,
       'is_illustrative', a.is_illustrative) ORDER BY a.asset_id) FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets
  ) AS d
$$;
CREATE FUNCTION tenancy_document(t tenancy) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    t.park_id, t.id, t.outcome_id, t.asset_id, t.firm_id, lower(t.during) AS starts_on, upper(t.during) - 1 AS ends_on,
    trim_scale(t.rent_yuan_m2_month) AS rent_yuan_m2_month, t.handed_over_on, t.is_corrected, t.illustrative, t.revision, t.recorded_at
  ) AS d
$$;
CREATE VIEW outcome_visible AS
  SELECT park_id, id, path, stage, firm_id, opened_on, revived_on, revision, outcome_document(outcome) AS document FROM outcome
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]) OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
CREATE VIEW tenancy_visible AS
  SELECT park_id, id, asset_id, firm_id, during, revision, tenancy_document(tenancy) AS document FROM tenancy
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]) OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;

ALTER TABLE outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outcome TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.outcome TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE tenancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.tenancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.tenancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE outcome_asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outcome_asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.outcome_asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.outcome_asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON outcome, outcome_asset, tenancy TO panhuo_app;
GRANT SELECT ON history.outcome, history.outcome_asset, history.tenancy, outcome_known, outcome_asset_known, tenancy_known TO panhuo_app;
REVOKE ALL ON FUNCTION outcome_document(outcome) FROM PUBLIC;  -- reads the units of a deal for whoever may read the deal
GRANT EXECUTE ON FUNCTION outcome_document(outcome) TO panhuo_app;
GRANT SELECT ON outcome_visible, tenancy_visible TO panhuo_app;
