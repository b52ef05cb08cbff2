-- name: revitalized
-- $1 from day, $2 to day, both counted, $3 as known at or null, $4 park or null: per kind what revivals in that period counted. Land sums in mu, because
-- m² × 0.0015 is a finite decimal and mu × 2000/3 is not. A month or year counts only where the whole of it lies in the period.
WITH known AS (
  SELECT o.park_id, o.id FROM outcome_known AS o
  WHERE ($3::timestamptz IS NULL AND o.superseded_at = 'infinity' OR o.recorded_at <= $3 AND o.superseded_at > $3)
    AND ($4::uuid IS NULL OR o.park_id = $4)
    AND o.revived_on >= $1
    AND CASE o.revived_on_precision WHEN 'year' THEN (o.revived_on + interval '1 year')::date - 1
      WHEN 'month' THEN (o.revived_on + interval '1 month')::date - 1 ELSE o.revived_on END <= $2
), counted AS (
  SELECT a.kind, a.outcome_id, a.is_illustrative,
    CASE a.stated_area_unit WHEN 'mu' THEN a.stated_area WHEN 'ha' THEN a.stated_area * 15 WHEN 'm2' THEN a.stated_area * 0.0015 END AS area_mu,
    CASE a.stated_area_unit WHEN 'm2' THEN a.stated_area WHEN 'ha' THEN a.stated_area * 10000 WHEN 'mu' THEN a.stated_area * 2000 / 3 END AS area_m2
  FROM known JOIN outcome_asset_known AS a ON a.park_id = known.park_id AND a.outcome_id = known.id
  WHERE $3::timestamptz IS NULL AND a.superseded_at = 'infinity' OR a.recorded_at <= $3 AND a.superseded_at > $3
)
SELECT kind, sum(area_mu) AS area_mu, sum(area_m2) AS area_m2, count(DISTINCT outcome_id) AS cases,
  sum(area_mu) FILTER (WHERE is_illustrative) AS illustrative_area_mu, sum(area_m2) FILTER (WHERE is_illustrative) AS illustrative_area_m2,
  count(DISTINCT outcome_id) FILTER (WHERE area_m2 IS NULL) AS cases_without_area
FROM counted GROUP BY kind ORDER BY kind;

-- name: stated_figures
-- Figures that sources state, to be shown beside what the records give.
SELECT body::text FROM scheme WHERE kind = 'stated_figures' ORDER BY version;
