-- What figures need beyond the records: the whole area of a park.

SET LOCAL search_path = panhuo, public;

CREATE TABLE park_total (
  park_id uuid NOT NULL CONSTRAINT total_of_park REFERENCES park,
  kind text NOT NULL CONSTRAINT total_kind CHECK (kind IN ('land', 'factory')),
  area_m2 numeric(16, 2) NOT NULL CONSTRAINT total_area_positive CHECK (area_m2 > 0),
  source text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, kind)
);
CREATE TABLE history.park_total (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, kind text, area_m2 numeric(16, 2), source text
);
CREATE INDEX ON history.park_total (park_id, kind);
CREATE TRIGGER keep_past BEFORE UPDATE OF park_id, kind, area_m2, source OR DELETE ON park_total
  FOR EACH ROW EXECUTE FUNCTION keep_past(park_id, kind, area_m2, source);
CREATE VIEW park_total_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, park_id, kind, area_m2, source FROM park_total
  UNION ALL SELECT superseded_at, recorded_at, park_id, kind, area_m2, source FROM history.park_total;
COMMENT ON TABLE park_total IS 'How much industrial land and factory space a park has in all, registered or not, as its administration states it.';
COMMENT ON COLUMN park_total.park_id IS 'The park [public]';
COMMENT ON COLUMN park_total.kind IS 'land or factory [public]';
COMMENT ON COLUMN park_total.area_m2 IS 'The whole area, m² [public]';
COMMENT ON COLUMN park_total.source IS 'Who states it, and as of when [public]';
COMMENT ON COLUMN park_total.recorded_at IS 'Known from; UTC [public]';
ALTER TABLE park_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.park_total ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON park_total TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.park_total TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON park_total TO panhuo_app;
GRANT SELECT ON history.park_total, park_total_known TO panhuo_app;

-- The past is never current: a figure of today skips the twins.
ALTER TABLE history.outcome ADD CONSTRAINT past_outcome_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.outcome_asset ADD CONSTRAINT past_outcome_asset_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.asset ADD CONSTRAINT past_asset_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.occupancy ADD CONSTRAINT past_occupancy_ended CHECK (superseded_at < 'infinity');
