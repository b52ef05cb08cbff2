-- The clock of Order 53 (闲置土地处置办法): what was agreed for a plot and what came of it.

SET LOCAL search_path = panhuo, public;

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
  PRIMARY KEY (park_id, asset_id),
  CONSTRAINT developed_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT started_says_so CHECK (started_on IS NULL OR has_started IS TRUE),
  CONSTRAINT stopped_once_started CHECK (stopped_on IS NULL OR has_started IS TRUE),
  CONSTRAINT stopped_after_start CHECK (stopped_on >= started_on),
  CONSTRAINT developed_within_due CHECK (developed_area_m2 <= due_area_m2),
  CONSTRAINT determination_has_its_day CHECK ((determination_no IS NULL) = (determined_on IS NULL))
);
CREATE TABLE history.development (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, asset_id uuid, agreed_start_on date, has_started boolean,
  started_on date, stopped_on date, due_area_m2 numeric(16, 2), developed_area_m2 numeric(16, 2), planned_investment_yuan numeric(18, 2),
  invested_yuan numeric(18, 2), land_price_yuan numeric(18, 2), determination_no text, determined_on date, cause text, source text
);
CREATE INDEX ON history.development (park_id, asset_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source
  OR DELETE ON development FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source
  );
CREATE VIEW development_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source
  FROM development
  UNION ALL SELECT superseded_at, recorded_at, park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2, planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source
  FROM history.development;
COMMENT ON TABLE development IS 'What the land contract agreed for a plot and what came of it, read by the clock of Order 53 (2012).';
COMMENT ON COLUMN development.park_id IS 'The park [staff]';
COMMENT ON COLUMN development.asset_id IS 'The plot [staff]';
COMMENT ON COLUMN development.agreed_start_on IS 'Day by which construction was to start (约定动工日期) [staff]';
COMMENT ON COLUMN development.has_started IS 'Whether it started, as Order 53 art. 30 means it; NULL unknown [staff]';
COMMENT ON COLUMN development.started_on IS 'Day it started; NULL unknown or not yet [staff]';
COMMENT ON COLUMN development.stopped_on IS 'Day it stopped (中止开发建设); NULL: none recorded [staff]';
COMMENT ON COLUMN development.due_area_m2 IS 'Area to be developed, m² [staff]';
COMMENT ON COLUMN development.developed_area_m2 IS 'Area developed so far, m² [staff]';
COMMENT ON COLUMN development.planned_investment_yuan IS 'Total investment agreed, yuan, without land price and taxes [staff]';
COMMENT ON COLUMN development.invested_yuan IS 'Invested so far, yuan, without land price and taxes [staff]';
COMMENT ON COLUMN development.land_price_yuan IS 'Price paid for the land, yuan [staff]';
COMMENT ON COLUMN development.determination_no IS 'Number of the determination (闲置土地认定书); NULL: none [staff]';
COMMENT ON COLUMN development.determined_on IS 'Day of the determination [staff]';
COMMENT ON COLUMN development.cause IS 'Whose side the cause lies on, as determined; NULL unknown [staff]';
COMMENT ON COLUMN development.source IS 'Where the facts come from [staff]';
COMMENT ON COLUMN development.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN development.recorded_at IS 'Known from; UTC [staff]';
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
