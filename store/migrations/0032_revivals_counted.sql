-- What a revival counts stands beside its area: the figure of a period reads one table, now and as of a day.

SET LOCAL search_path = panhuo, public;

-- The days a revival can have happened on, never null: what foreign keys follow has no unknown.
ALTER TABLE outcome
  ADD COLUMN revived_from date NOT NULL GENERATED ALWAYS AS (coalesce(revived_on, 'infinity')) STORED,
  ADD COLUMN revived_to date NOT NULL GENERATED ALWAYS AS (coalesce(CASE revived_on_precision
    WHEN 'year' THEN (revived_on + interval '1 year')::date - 1 WHEN 'month' THEN (revived_on + interval '1 month')::date - 1 ELSE revived_on END, 'infinity')) STORED,
  ADD CONSTRAINT what_its_units_count UNIQUE (park_id, id, path, revived_from, revived_to);
COMMENT ON COLUMN outcome.revived_from IS 'First day that revived_on can mean; infinity: not revived; from revived_on [staff]';
COMMENT ON COLUMN outcome.revived_to IS 'Last day that revived_on can mean by its precision; infinity: not revived [staff]';

ALTER TABLE outcome_asset ADD COLUMN path text, ADD COLUMN revived_from date, ADD COLUMN revived_to date;
ALTER TABLE history.outcome_asset ADD COLUMN path text, ADD COLUMN revived_from date, ADD COLUMN revived_to date;
COMMENT ON COLUMN outcome_asset.path IS 'Path of the deal; follows outcome [staff]';
COMMENT ON COLUMN outcome_asset.revived_from IS 'First day that the revival can have happened on; infinity: not revived; follows outcome [staff]';
COMMENT ON COLUMN outcome_asset.revived_to IS 'Last day that the revival can have happened on; infinity: not revived; follows outcome [staff]';

-- The past anew: each version of a unit is cut where its deal changed. Both sides read what stood before the statement.
DROP TRIGGER keep_past ON outcome_asset;
WITH gone AS (DELETE FROM history.outcome_asset)
INSERT INTO history.outcome_asset (superseded_at, recorded_at, park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative, path, revived_from, revived_to)
SELECT least(a.superseded_at, o.superseded_at), greatest(a.recorded_at, o.recorded_at), a.park_id, a.outcome_id, a.asset_id, a.kind, a.stated_area, a.stated_area_unit,
  a.is_illustrative, o.path, coalesce(o.revived_on, 'infinity'), coalesce(CASE o.revived_on_precision
    WHEN 'year' THEN (o.revived_on + interval '1 year')::date - 1 WHEN 'month' THEN (o.revived_on + interval '1 month')::date - 1 ELSE o.revived_on END, 'infinity')
FROM outcome_asset_known AS a JOIN outcome_known AS o ON o.park_id = a.park_id AND o.id = a.outcome_id
WHERE greatest(a.recorded_at, o.recorded_at) < least(a.superseded_at, o.superseded_at) AND least(a.superseded_at, o.superseded_at) < 'infinity';
UPDATE outcome_asset AS a SET path = o.path, revived_from = o.revived_from, revived_to = o.revived_to, recorded_at = greatest(a.recorded_at, o.recorded_at)
FROM outcome AS o WHERE o.park_id = a.park_id AND o.id = a.outcome_id;

-- The keys of both tables say the same of a deal; a change of the deal changes its units in the same act, and their twin keeps what was.
ALTER TABLE outcome_asset
  ALTER COLUMN path SET NOT NULL, ALTER COLUMN revived_from SET NOT NULL, ALTER COLUMN revived_to SET NOT NULL,
  DROP CONSTRAINT outcome_of_asset,
  ADD CONSTRAINT outcome_of_asset FOREIGN KEY (park_id, outcome_id, path, revived_from, revived_to)
    REFERENCES outcome (park_id, id, path, revived_from, revived_to) ON UPDATE CASCADE;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative, path, revived_from, revived_to
  OR DELETE ON outcome_asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative, path, revived_from, revived_to
  );
CREATE OR REPLACE VIEW outcome_asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative, path, revived_from, revived_to
  FROM outcome_asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative, path, revived_from, revived_to
  FROM history.outcome_asset;

DROP INDEX outcome_asset_counted;
CREATE INDEX outcome_asset_revived ON outcome_asset (revived_from)
  INCLUDE (revived_to, park_id, outcome_id, path, kind, stated_area, stated_area_unit, is_illustrative, recorded_at);
CREATE INDEX ON history.outcome_asset (revived_from);
