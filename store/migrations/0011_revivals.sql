-- What counts as revived, by one rule, and what a deal says with it.

SET search_path = panhuo, public;

CREATE TABLE revival (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  leaf_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT revival_kind CHECK (kind IN ('land', 'factory')),
  path text NOT NULL,
  revived_from date NOT NULL,
  revived_to date NOT NULL,
  year integer NOT NULL,
  verdict text NOT NULL CONSTRAINT verdict_known
    CHECK (verdict IN ('counted', 'temporary_use', 'first_letting', 'renewal', 'no_idle_period', 'not_started',
    'repeated', 'corrected')),
  clause text NOT NULL,
  version text NOT NULL,
  idle_since date,
  idle_ground text,
  idle_source text,
  is_idle_told_afterwards boolean NOT NULL DEFAULT false,
  firm_before_id uuid,
  firm_after_id uuid NOT NULL,
  counted_as uuid NOT NULL,
  adds boolean NOT NULL,
  stated_area numeric(18, 6),
  stated_area_unit text CONSTRAINT revival_unit_known CHECK (stated_area_unit IN ('m2', 'mu', 'ha')),
  is_illustrative boolean NOT NULL DEFAULT false,
  basis jsonb NOT NULL DEFAULT '{}' CONSTRAINT basis_is_an_object CHECK (jsonb_typeof(basis) = 'object'),
  reason text,
  closed_at timestamptz NOT NULL DEFAULT 'infinity',
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id, leaf_id),
  CONSTRAINT revival_of_outcome FOREIGN KEY (park_id, outcome_id, asset_id)
    REFERENCES outcome_asset (park_id, outcome_id, asset_id),
  CONSTRAINT revival_of_leaf FOREIGN KEY (park_id, leaf_id) REFERENCES asset (park_id, id),
  CONSTRAINT revival_of_its_year FOREIGN KEY (park_id, year, closed_at)
    REFERENCES reporting_year (park_id, year, closed_at) ON UPDATE CASCADE,
  CONSTRAINT year_of_revival CHECK (year = extract(year FROM revived_from)),
  CONSTRAINT revived_days_in_order CHECK (revived_from <= revived_to),
  CONSTRAINT revival_area_has_a_unit CHECK ((stated_area IS NULL) = (stated_area_unit IS NULL)),
  CONSTRAINT corrected_adds_nothing CHECK (verdict <> 'corrected' OR NOT adds),
  CONSTRAINT counted_after_an_idle_period CHECK (verdict <> 'counted' OR version = 'revival-0'
    OR coalesce(idle_since < revived_from AND idle_ground IS NOT NULL, false)),
  CONSTRAINT closed_revivals_change_with_a_reason CHECK (recorded_at <= closed_at OR reason IS NOT NULL)
);
-- A leaf counts once a calendar year. What the earlier rule counted twice stays shown until it is judged.
CREATE UNIQUE INDEX counted_once_a_year ON revival (park_id, leaf_id, year) WHERE verdict = 'counted'
  AND version <> 'revival-0';
CREATE INDEX revival_leaf ON revival (park_id, leaf_id);
CREATE INDEX revival_year ON revival (park_id, year, closed_at);
CREATE INDEX revival_days ON revival (revived_from)
  INCLUDE (revived_to, park_id, outcome_id, path, kind, verdict, stated_area, stated_area_unit, is_illustrative,
  recorded_at) WHERE adds;
CREATE TABLE history.revival (
  superseded_at timestamptz NOT NULL CONSTRAINT past_revival_ended CHECK (superseded_at < 'infinity'),
  recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, leaf_id uuid, asset_id uuid, kind text, path text,
  revived_from date, revived_to date, year integer, verdict text, clause text, version text, idle_since date,
  idle_ground text, idle_source text, is_idle_told_afterwards boolean, firm_before_id uuid, firm_after_id uuid,
  counted_as uuid, adds boolean, stated_area numeric(18, 6), stated_area_unit text, is_illustrative boolean,
  basis jsonb, reason text
);
CREATE INDEX revival_past_days ON history.revival (revived_from) WHERE adds;
CREATE INDEX ON history.revival (park_id, outcome_id);
-- Closing a year writes its instant into its rows, which is no fact of theirs; moving a row to another year is.
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason
  ON revival FOR EACH ROW WHEN (OLD.closed_at = NEW.closed_at OR OLD.year <> NEW.year) EXECUTE FUNCTION keep_past(
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason);
CREATE VIEW revival_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
    idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
    stated_area, stated_area_unit, is_illustrative, basis, reason
  FROM revival
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
    idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
    stated_area, stated_area_unit, is_illustrative, basis, reason
  FROM history.revival;
COMMENT ON TABLE revival IS
  'What a deal that reached its day revived, leaf by leaf, and the verdict of the rule of counting on it.';
COMMENT ON COLUMN revival.park_id IS 'The park [staff]';
COMMENT ON COLUMN revival.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN revival.leaf_id IS 'The unit without parts that was revived [staff]';
COMMENT ON COLUMN revival.asset_id IS 'The unit the deal names, above the leaf or the leaf itself [staff]';
COMMENT ON COLUMN revival.kind IS 'land or factory [staff]';
COMMENT ON COLUMN revival.path IS 'Path of the deal [staff]';
COMMENT ON COLUMN revival.revived_from IS 'First day it can have been revived on, Asia/Shanghai [staff]';
COMMENT ON COLUMN revival.revived_to IS 'Last day it can have been revived on, by the precision of the day [staff]';
COMMENT ON COLUMN revival.year IS 'Calendar year it lies in, which the park may have closed [staff]';
COMMENT ON COLUMN revival.verdict IS
  'counted: in the figure; corrected: it never was; every other stands on a line of its own beside the figure [staff]';
COMMENT ON COLUMN revival.clause IS 'The clause of the rule the verdict rests on [staff]';
COMMENT ON COLUMN revival.version IS
  'Version of the rule (scheme `revival`); revival-0: all that had reached its day counted [staff]';
COMMENT ON COLUMN revival.idle_since IS
  'Last day on which the idle period it ended can have begun; NULL: none on record [staff]';
COMMENT ON COLUMN revival.idle_ground IS
  'Why that period began: use_ended, construction_stopped, order_53, or the idle_basis that was entered [staff]';
COMMENT ON COLUMN revival.idle_source IS 'Where the start of that period comes from, where it was entered [staff]';
COMMENT ON COLUMN revival.is_idle_told_afterwards IS 'True: the start was recorded after the deal was opened [staff]';
COMMENT ON COLUMN revival.firm_before_id IS 'The last user before; NULL: none known [staff]';
COMMENT ON COLUMN revival.firm_after_id IS 'The firm of the deal [staff]';
COMMENT ON COLUMN revival.counted_as IS
  'The unit whose stated area stands for this leaf: the whole where all its leaves have one verdict, else the leaf '
  '[staff]';
COMMENT ON COLUMN revival.adds IS
  'Whether this row brings that area into the figure: one leaf of a whole does [staff]';
COMMENT ON COLUMN revival.stated_area IS 'Stated area of counted_as, as when the deal bound; NULL unknown [staff]';
COMMENT ON COLUMN revival.stated_area_unit IS 'Its unit [staff]';
COMMENT ON COLUMN revival.is_illustrative IS 'Whether that area is invented for demonstration [staff]';
COMMENT ON COLUMN revival.basis IS
  'Facts of the unit as they were when its day was reached, by name; a later change of the unit changes no verdict '
  '[staff]';
COMMENT ON COLUMN revival.reason IS 'Why a row of a closed year was changed, or what was corrected [staff]';
COMMENT ON COLUMN revival.closed_at IS 'When its year was closed, UTC; infinity: open; follows reporting_year [staff]';
COMMENT ON COLUMN revival.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE revival ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON revival TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.revival ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.revival TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON revival TO panhuo_app;
GRANT SELECT ON history.revival, revival_known TO panhuo_app;

-- A deal as JSON text, with what it revived; one that is over has no light.
CREATE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = panhuo, public, pg_temp AS $$
  SELECT left(row_to_json(d)::text, -1) || CASE
    WHEN o.path = 'equity_swap' THEN ',' || left(substr(row_to_json(s)::text, 2), -1) ELSE '' END
    || ',' || substr(row_to_json(r)::text, 2)
  FROM (SELECT
    o.park_id, o.id, o.path, o.paths_version, o.stage, o.firm_id, o.owner_firm_id, o.demand_id, o.ranking_id,
    o.renews_tenancy_id, o.is_land_alone, o.opened_on, lower(o.intended) AS starts_on,
    upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.output_yuan_year) AS output_yuan_year,
    trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative, o.notes, o.revision,
    o.recorded_at, (SELECT l.colour FROM light AS l WHERE l.park_id = o.park_id AND l.outcome_id = o.id
      AND o.stage NOT IN ('ended', 'withdrawn', 'rejected', 'corrected')) AS light,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind,
       'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit, 'is_illustrative',
         a.is_illustrative) ORDER BY a.asset_id)
     FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets,
    (SELECT json_agg(json_build_object('asset_id', v.leaf_id, 'verdict', v.verdict, 'clause', v.clause,
       'version', v.version, 'revived_on', v.revived_from, 'revived_on_precision', CASE v.revived_to
         WHEN v.revived_from THEN 'day'
         WHEN (v.revived_from + interval '1 month')::date - 1 THEN 'month' ELSE 'year' END,
       'idle_since', v.idle_since, 'idle_ground', v.idle_ground, 'is_idle_told_afterwards', v.is_idle_told_afterwards)
       ORDER BY v.leaf_id)
     FROM revival AS v WHERE v.park_id = o.park_id AND v.outcome_id = o.id) AS revivals
  ) AS d, LATERAL (SELECT
    e.appraiser, e.appraisal_method, e.appraised_on, trim_scale(e.appraised_yuan) AS appraised_yuan,
    e.appraisal_valid_until, trim_scale(e.contribution_yuan) AS contribution_yuan,
      trim_scale(e.equity_share) AS equity_share, e.certificate_no
    FROM (SELECT) AS one LEFT JOIN equity_swap AS e ON e.park_id = o.park_id AND e.outcome_id = o.id
  ) AS s, LATERAL (SELECT
    (SELECT json_agg(json_build_object('stage', m.kind, 'happened_on', m.happened_on,
       'precision', m.happened_on_precision, 'evidence', m.evidence, 'amount_yuan', trim_scale(m.amount_yuan), 'facts',
         m.facts, 'source', m.source, 'recorded_at', m.recorded_at)
       ORDER BY m.recorded_at)
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.evidence IS NOT NULL
       AND NOT m.is_reversed) AS milestones
  ) AS r
$$;
REVOKE ALL ON FUNCTION outcome_document(outcome) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outcome_document(outcome) TO panhuo_app;

CREATE VIEW outcome_visible AS
  SELECT park_id, id, path, stage, firm_id, opened_on, revived_on, revision, outcome_document(outcome) AS document
    FROM outcome
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid IN (firm_id, owner_firm_id);
GRANT SELECT ON outcome_visible TO panhuo_app;
