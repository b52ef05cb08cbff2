-- Time alone can change a light: the next day it can is known beforehand, so that turnover need not look at all of them.

SET LOCAL search_path = panhuo, public;

ALTER TABLE light ADD COLUMN next_on date;
ALTER TABLE history.light ADD COLUMN next_on date;
COMMENT ON COLUMN light.next_on IS 'First day on which it can change though nothing is told; NULL: none [staff]';
CREATE INDEX light_next ON light (next_on);
DROP TRIGGER keep_past ON light;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  OR DELETE ON light FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  );
CREATE OR REPLACE VIEW light_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  FROM light
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  FROM history.light;

-- A deal as JSON text; one that is over has no light.
CREATE OR REPLACE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT left(row_to_json(d)::text, -1) || CASE WHEN o.path = 'equity_swap' THEN ',' || left(substr(row_to_json(s)::text, 2), -1) ELSE '' END
    || ',' || substr(row_to_json(r)::text, 2)
  FROM (SELECT
    o.park_id, o.id, o.path, o.paths_version, o.stage, o.firm_id, o.owner_firm_id, o.demand_id, o.ranking_id, o.opened_on,
    lower(o.intended) AS starts_on, upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.output_yuan_year) AS output_yuan_year,
    trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative, o.revision, o.recorded_at,
    (SELECT l.colour FROM light AS l WHERE l.park_id = o.park_id AND l.outcome_id = o.id
      AND o.stage NOT IN ('ended', 'withdrawn', 'rejected', 'corrected')) AS light,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind, 'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit,
       'is_illustrative', a.is_illustrative) ORDER BY a.asset_id) FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets
  ) AS d, LATERAL (SELECT
    e.appraiser, e.appraisal_method, e.appraised_on, trim_scale(e.appraised_yuan) AS appraised_yuan, e.appraisal_valid_until,
    trim_scale(e.contribution_yuan) AS contribution_yuan, trim_scale(e.equity_share) AS equity_share, e.certificate_no
    FROM (SELECT) AS one LEFT JOIN equity_swap AS e ON e.park_id = o.park_id AND e.outcome_id = o.id
  ) AS s, LATERAL (SELECT
    (SELECT json_agg(json_build_object('stage', m.kind, 'happened_on', m.happened_on, 'precision', m.happened_on_precision, 'evidence', m.evidence,
       'amount_yuan', trim_scale(m.amount_yuan), 'facts', m.facts, 'source', m.source, 'recorded_at', m.recorded_at) ORDER BY m.recorded_at)
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.evidence IS NOT NULL AND NOT m.is_reversed) AS milestones
  ) AS r
$$;
