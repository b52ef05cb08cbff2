-- Each figure is a list of rows and what is made of them; the rows alone are the records behind it. In all of them $1
-- is the instant or null for today, $2 a park or null. Filled in: `x{known}` is the table today, or its view with the
-- past as of an instant, and {at_x} what was known then of the alias x (store/known.py); {idle_leaves} the query of
-- idle.sql; {key} one of the expressions that figures are grouped by, {area_mu} and {area_m2} the stated area in that
-- unit (GROUPS and AREAS in store/statistics.py); {wkt} null or an outline as text; {rows} and {figure}, queries of
-- this file.

-- name: figure
-- {rows}: a list of rows as known then, {figure}: what is made of it.
WITH counted AS ({rows}) {figure}

-- name: revived
-- Rows. $3 from day, $4 to day, both counted: what was revived in that period, each unit with its verdict and its
-- leaves. Land sums in mu, which are exact. A month or year counts only where the whole of it lies in the period.
SELECT a.park_id, a.outcome_id, a.counted_as AS asset_id, a.leaf_id, a.path, a.verdict, a.clause, a.version,
  a.firm_before_id, a.firm_after_id AS firm_id, a.revived_from AS revived_on,
  CASE a.revived_to WHEN a.revived_from THEN 'day' WHEN (a.revived_from + interval '1 month')::date - 1 THEN 'month'
    ELSE 'year' END
    AS revived_on_precision,
  a.idle_since, a.idle_ground, a.idle_source, a.is_idle_told_afterwards, a.kind, a.stated_area, a.stated_area_unit,
  a.is_illustrative, a.recorded_at,
  {area_mu} AS area_mu, {area_m2} AS area_m2,
  (SELECT json_agg(json_build_object('leaf_id', l.leaf_id, 'clause', l.clause, 'version', l.version,
      'idle_since', l.idle_since, 'idle_ground', l.idle_ground, 'firm_before_id', l.firm_before_id) ORDER BY l.leaf_id)
        FROM revival{known} AS l
    WHERE {at_l} AND l.park_id = a.park_id AND l.outcome_id = a.outcome_id AND l.counted_as = a.counted_as
      AND l.verdict = a.verdict) AS leaves
FROM revival{known} AS a
WHERE {at_a} AND a.adds
  AND ($2::uuid IS NULL OR a.park_id = $2)
  AND a.revived_from BETWEEN $3 AND $4 AND a.revived_to <= $4

-- name: revived_sums
-- Figure. {key} one of the columns by which revivals are grouped: areas and cases per group, kind and verdict; only
-- `counted` is the figure.
SELECT {key} AS key, kind, verdict, sum(area_mu) AS area_mu, sum(area_m2) AS area_m2,
  count(DISTINCT outcome_id) AS cases, sum(area_mu) FILTER (WHERE is_illustrative) AS illustrative_area_mu,
  sum(area_m2) FILTER (WHERE is_illustrative) AS illustrative_area_m2,
    count(DISTINCT outcome_id) FILTER (WHERE area_m2 IS NULL) AS cases_without_area
FROM counted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- name: revived_features
-- Figure: revivals as GeoJSON Features with the outline of the unit that was revived, as drawn then, {wkt} null or the
-- outline as text, for a reader of portions.
SELECT convert_to('{"type":"Feature","id":"' || c.outcome_id || '/' || c.leaf_id || '","geometry":' ||
    coalesce(ST_AsGeoJSON(coalesce(u.geom, u.point), 7), 'null') || ',"properties":' || (
      SELECT row_to_json(p)::text FROM (
        SELECT c.park_id, c.outcome_id, c.asset_id, u.code AS asset_code, u.name AS asset_name, c.leaf_id, c.path,
          c.verdict, c.clause, c.version, c.firm_before_id, c.firm_id, c.revived_on, c.revived_on_precision,
          c.idle_since, c.idle_ground, c.idle_source, c.is_idle_told_afterwards, c.kind,
          trim_scale(c.stated_area) AS stated_area, c.stated_area_unit, trim_scale(c.area_mu) AS area_mu,
          trim_scale(c.area_m2) AS area_m2, c.is_illustrative, c.recorded_at) AS p) || '}', 'UTF8') AS feature,
  {wkt} AS wkt
FROM counted AS c LEFT JOIN asset{known} AS u ON u.park_id = c.park_id AND u.id = c.asset_id AND {at_u}
ORDER BY c.revived_on, c.outcome_id, c.leaf_id

-- name: closings
-- $1 park or null, $2 years: per park and year when it was closed, null where it is open.
SELECT p.id AS park_id, y.year, nullif(r.closed_at, 'infinity') AS closed_at
FROM park AS p CROSS JOIN unnest($2::integer[]) AS y (year) LEFT
  JOIN reporting_year AS r ON r.park_id = p.id AND r.year = y.year
WHERE $1::uuid IS NULL OR p.id = $1 ORDER BY y.year, p.id;

-- name: revived_as_closed
-- $1 park or null, $2 year, $3 from day, $4 to day: what was counted in that period, each park as known when it closed
-- the year, the others as now.
SELECT a.kind, sum({area_mu}) AS area_mu, sum({area_m2}) AS area_m2,
  count(DISTINCT a.outcome_id) AS cases
FROM revival_known AS a LEFT JOIN reporting_year AS y ON y.park_id = a.park_id AND y.year = $2
WHERE a.adds AND a.verdict = 'counted' AND ($1::uuid IS NULL OR a.park_id = $1)
  AND a.revived_from BETWEEN $3 AND $4 AND a.revived_to <= $4
  AND (coalesce(y.closed_at, 'infinity') = 'infinity' AND a.superseded_at = 'infinity'
    OR a.recorded_at <= y.closed_at AND a.superseded_at > y.closed_at)
GROUP BY a.kind;

-- name: stock
-- Rows. $3 day: every registered leaf, whether it stands idle on that day and since when. In use is what a tenancy
-- or the owner's own use claims. Where a tenancy is past its term and nobody said that the tenant left, stays or
-- renewed, the leaf is to verify: not idle, in use on a line of its own. Units that became one count until the day
-- they did, that one from then on. What else is not in use is idle since `idle_leaves` says; where it says nothing,
-- from the first record of it or its whole, unless it comes free later or was revived and nothing has ended since.
-- A month or year is taken at its last day.
WITH RECURSIVE leaf AS ({idle_leaves}), past_term AS MATERIALIZED (
  SELECT t.park_id, t.asset_id, t.outcome_id FROM tenancy{known} AS t
  WHERE {at_t}
    AND ($2::uuid IS NULL OR t.park_id = $2) AND NOT t.is_corrected AND t.left_on IS NULL AND t.renewed_from IS NULL
    AND NOT upper_inf(t.during) AND upper(t.during) <= $3
), unsaid (park_id, asset_id) AS (
  SELECT park_id, asset_id FROM past_term
  UNION SELECT o.park_id, o.leaf_id FROM past_term JOIN occupancy{known} AS o
    ON o.park_id = past_term.park_id AND o.source_id = past_term.outcome_id AND o.claim = 'use' AND {at_o}
  UNION SELECT b.park_id, b.id FROM unsaid JOIN asset AS b ON b.park_id = unsaid.park_id
    AND b.parent_id = unsaid.asset_id
)
SELECT u.park_id, u.id AS asset_id, u.kind, u.level, u.idle_basis, u.stated_area, u.stated_area_unit,
  'stated_area' = ANY (u.illustrative) AS is_illustrative,
  {area_mu} AS area_mu, {area_m2} AS area_m2, u.recorded_at,
  NOT leaf.is_used AND unsaid.asset_id IS NOT NULL AS is_to_verify,
  NOT leaf.is_used AND unsaid.asset_id IS NULL AND NOT leaf.is_revived
    AND (leaf.since_latest IS NOT NULL OR NOT leaf.begins_later
    AND coalesce(u.available_from <= $3, true) AND EXISTS (SELECT FROM asset_known AS f
      WHERE f.park_id = u.park_id AND f.id IN (u.id, u.parent_id)
      AND f.recorded_at < (($3::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))) AS is_idle,
  CASE WHEN NOT leaf.is_used AND unsaid.asset_id IS NULL THEN leaf.since_latest END AS idle_since
FROM asset{known} AS u JOIN leaf ON leaf.park_id = u.park_id AND leaf.leaf_id = u.id
LEFT JOIN unsaid ON unsaid.park_id = u.park_id AND unsaid.asset_id = u.id
WHERE {at_u}
  AND ($2::uuid IS NULL OR u.park_id = $2) AND u.is_leaf AND u.listing <> 'draft'
  AND (u.retired_on IS NULL OR u.retired_on > $3)
  AND (u.previously_part_of = '{}' OR NOT EXISTS (SELECT FROM asset{known} AS r
    WHERE {at_r} AND r.park_id = u.park_id AND r.id = ANY (u.previously_part_of) AND r.retired_on > $3))

-- name: stock_sums
-- Figure. {key} as above, $3 the day: per group and kind the idle, those to verify and all registered leaves, their
-- areas, and the median of days idle where the day is known.
SELECT {key} AS key, kind, count(*) AS units, sum(area_mu) AS area_mu, sum(area_m2) AS area_m2,
  count(*) FILTER (WHERE area_m2 IS NULL) AS units_without_area, count(*) FILTER (WHERE is_idle) AS idle_units,
  sum(area_mu) FILTER (WHERE is_idle) AS idle_area_mu, sum(area_m2) FILTER (WHERE is_idle) AS idle_area_m2,
  count(*) FILTER (WHERE is_idle AND area_m2 IS NULL) AS idle_units_without_area,
  count(*) FILTER (WHERE is_to_verify) AS to_verify_units,
  sum(area_mu) FILTER (WHERE is_to_verify) AS to_verify_area_mu,
  sum(area_m2) FILTER (WHERE is_to_verify) AS to_verify_area_m2,
  count(*) FILTER (WHERE is_to_verify AND area_m2 IS NULL) AS to_verify_units_without_area,
  sum(area_mu) FILTER (WHERE is_idle AND is_illustrative) AS illustrative_area_mu,
  sum(area_m2) FILTER (WHERE is_idle AND is_illustrative) AS illustrative_area_m2,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY $3::date - idle_since) FILTER (WHERE is_idle) AS median_days,
    count(idle_since) FILTER (WHERE is_idle) AS units_dated
FROM counted GROUP BY 1, 2 ORDER BY 1, 2

-- name: waited
-- Rows of the revivals in `counted`: since when each had stood idle, as its verdict says.
SELECT c.park_id, c.outcome_id, c.asset_id, c.kind, c.path, c.revived_on, c.recorded_at, c.idle_since FROM counted AS c
  WHERE c.verdict = 'counted'

-- name: waited_sums
-- Figure: per kind the median of days idle before revival, where the day is known.
SELECT kind, count(*) AS units, count(idle_since) AS units_dated,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY revived_on - idle_since) AS median_days
FROM counted GROUP BY kind ORDER BY kind

-- name: shown
-- Rows. $3 from day, $4 to day, both counted, $5 stages of a signature, $6 of production: needs that a ranking
-- answered in that period (of a park: with a unit of it among those shown), and how far each came: space looked at,
-- visited, a deal of that need; then the deals signed in that period that name no ranking, each by itself.
WITH deal AS (
  SELECT o.park_id, o.id, o.firm_id, o.demand_id, o.ranking_id, o.recorded_at, coalesce(o.signed_on, (
    SELECT min(m.happened_on) FROM milestone{known} AS m
      WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.kind = ANY ($5::text[]) AND NOT m.is_reversed
      AND {at_m})) AS signed_on,
    o.stage = ANY ($6::text[]) OR EXISTS (
      SELECT FROM milestone{known} AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id
        AND m.kind = ANY ($6::text[]) AND m.evidence IS NOT NULL AND NOT m.is_reversed
        AND {at_m}) AS is_producing
  FROM outcome{known} AS o
  WHERE {at_o}
    AND ($2::uuid IS NULL OR o.park_id = $2) AND o.stage NOT IN ('corrected', 'rejected')
), need AS (
  SELECT r.firm_id, r.demand_id, min(r.recorded_at) AS shown_at FROM ranking AS r
  WHERE ($1::timestamptz IS NULL OR r.recorded_at <= $1) AND r.day BETWEEN $3 AND $4
    AND ($2::uuid IS NULL OR EXISTS (
      SELECT FROM jsonb_each(r.answer -> 'lists') AS kind (name, part),
        jsonb_array_elements(kind.part -> 'results') AS one, asset AS a
      WHERE a.park_id = $2 AND a.id = (one -> 'asset_ids' ->> 0)::uuid))
  GROUP BY r.firm_id, r.demand_id
)
SELECT true AS is_shown, NULL::uuid AS firm_id, need.demand_id, NULL::uuid AS outcome_id,
  coalesce(bool_or(d.signed_on IS NOT NULL), false) AS is_signed,
    coalesce(bool_or(d.is_producing), false) AS is_producing, need.shown_at AS recorded_at, seen.is_viewed,
    seen.is_visited
FROM need LEFT JOIN deal AS d ON d.firm_id = need.firm_id AND (d.demand_id = need.demand_id OR d.ranking_id IN (
  SELECT r.id FROM ranking AS r WHERE r.firm_id = need.firm_id AND r.demand_id = need.demand_id))
    AND d.ranking_id IS NOT NULL
CROSS JOIN LATERAL (
  SELECT coalesce(bool_or(i.act IN ('viewed', 'shortlisted', 'visited')), false) AS is_viewed,
    coalesce(bool_or(i.act = 'visited'), false) AS is_visited
  FROM interest AS i WHERE i.firm_id = need.firm_id AND i.demand_id = need.demand_id
    AND ($2::uuid IS NULL OR i.park_id = $2)
    AND ($1::timestamptz IS NULL OR i.recorded_at <= $1)) AS seen
GROUP BY need.firm_id, need.demand_id, need.shown_at, seen.is_viewed, seen.is_visited
UNION ALL
SELECT false, d.firm_id, d.demand_id, d.id, true, d.is_producing, d.recorded_at, NULL, NULL FROM deal AS d
  WHERE d.ranking_id IS NULL AND d.signed_on BETWEEN $3 AND $4

-- name: shown_sums
-- Figure: needs shown, with space looked at, visited, signed, producing; and deals without a ranking, apart.
SELECT is_shown, count(*) AS shown, count(*) FILTER (WHERE is_viewed) AS viewed,
  count(*) FILTER (WHERE is_visited) AS visited, count(*) FILTER (WHERE is_signed) AS signed,
  count(*) FILTER (WHERE is_producing) AS producing
FROM counted GROUP BY is_shown

-- name: enquiries
-- Rows. $3 from day, $4 to day, both counted: enquiries received in that period, and how far each came.
SELECT e.park_id, e.id AS enquiry_id, e.recorded_at, e.answered_at IS NOT NULL AS is_answered,
  e.visit_starts_at IS NOT NULL AS is_visit, e.outcome_id IS NOT NULL AS is_deal
FROM enquiry{known} AS e WHERE {at_e} AND ($2::uuid IS NULL OR e.park_id = $2)
  AND (e.received_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN $3 AND $4
  AND e.closed_as IS DISTINCT FROM 'spam'

-- name: enquiry_sums
-- Figure: enquiries received, answered, with a visit arranged, and those of which a deal came.
SELECT count(*) AS received, count(*) FILTER (WHERE is_answered) AS answered,
  count(*) FILTER (WHERE is_visit) AS visits, count(*) FILTER (WHERE is_deal) AS outcomes
FROM counted

-- name: promised
-- Rows. $3 year: each figure in force for that year and what was reported of it. A promise counts by the days it runs
-- in the year, and of what is reported by the days of those quarters; people are a level, not a sum. A report of the
-- whole year goes before its quarters. A total counts in the year it is due, with all reported until then. `told` has
-- one row a promise: the quarters it speaks of as bits 1 to 4 (30: all), and what came; is_total is compared, not
-- hashed. Deals given up are few: they are kept out by a look at a list of them, not by a join (no key is null, so
-- that NOT IN says it).
SELECT i.park_id, i.outcome_id, i.id AS indicator_id,
  (SELECT o.path FROM outcome AS o WHERE o.park_id = i.park_id AND o.id = i.outcome_id) AS path,
  (SELECT o.firm_id FROM outcome AS o WHERE o.park_id = i.park_id AND o.id = i.outcome_id) AS firm_id, i.name, i.unit,
  i.per, i.recorded_at, i.promised,
  CASE WHEN told.quarters = 30 THEN i.promised WHEN told.quarters IS NULL THEN NULL
    WHEN i.unit = 'person' THEN i.value
    ELSE i.value * (
      SELECT sum(greatest(0, least(coalesce(i.due_on, q.ends_on), q.ends_on) - greatest(i.starts_on, q.starts_on) + 1))
      FROM (VALUES (1, make_date($3, 1, 1), make_date($3, 3, 31)), (2, make_date($3, 4, 1), make_date($3, 6, 30)),
        (3, make_date($3, 7, 1), make_date($3, 9, 30)), (4, make_date($3, 10, 1), make_date($3, 12, 31))
      ) AS q (n, starts_on, ends_on)
      WHERE told.quarters & (1 << q.n) <> 0) / (make_date($3 + 1, 1, 1) - make_date($3, 1, 1))
    END AS promised_of_reported,
  told.value AS delivered
FROM (
  SELECT i.park_id, i.outcome_id, i.id, i.name, i.unit, i.per, i.value, i.starts_on, i.due_on, i.recorded_at,
    CASE WHEN i.starts_on <= make_date($3, 1, 1) AND (i.due_on IS NULL OR i.due_on >= make_date($3, 12, 31))
      OR i.per = 'total' OR i.unit = 'person' THEN i.value
      ELSE i.value * (least(coalesce(i.due_on, make_date($3, 12, 31)), make_date($3, 12, 31)) - greatest(i.starts_on,
        make_date($3, 1, 1)) + 1)
        / (make_date($3 + 1, 1, 1) - make_date($3, 1, 1)) END AS promised
  FROM indicator{known} AS i
  WHERE {at_i} AND ($2::uuid IS NULL OR i.park_id = $2) AND i.state = 'in_force'
    AND i.starts_on <= make_date($3, 12, 31)
    AND (i.due_on IS NULL OR i.due_on >= make_date($3, 1, 1)) AND (i.per = 'year' OR i.due_on <= make_date($3, 12, 31))
) AS i LEFT JOIN (
  SELECT r.park_id, r.indicator_id, false AS is_total, 30 AS quarters, r.value
  FROM report{known} AS r
  WHERE {at_r} AND ($2::uuid IS NULL OR r.park_id = $2) AND r.year = $3 AND r.quarter IS NULL AND r.is_counted
  UNION ALL
  SELECT q.park_id, q.indicator_id, false, q.quarters, coalesce(q.latest[2], q.value) FROM (
    SELECT r.park_id, r.indicator_id, bit_or(1 << r.quarter) AS quarters, sum(r.value) AS value,
      max(ARRAY[r.quarter, r.value]) FILTER (WHERE r.unit = 'person') AS latest
    FROM report{known} AS r
    WHERE {at_r} AND ($2::uuid IS NULL OR r.park_id = $2) AND r.year = $3 AND r.quarter IS NOT NULL AND r.is_counted
    GROUP BY r.park_id, r.indicator_id) AS q
  WHERE NOT EXISTS (
    SELECT FROM report{known} AS w WHERE {at_w} AND w.park_id = q.park_id AND w.indicator_id = q.indicator_id
      AND w.year = $3 AND w.quarter IS NULL
      AND w.is_counted)
  UNION ALL
  SELECT r.park_id, r.indicator_id, true, 30, sum(r.value)
  FROM indicator{known} AS i JOIN report{known} AS r ON {at_r} AND r.park_id = i.park_id AND r.indicator_id = i.id
    AND r.year <= $3
    AND r.is_counted
  WHERE {at_i} AND ($2::uuid IS NULL OR i.park_id = $2) AND i.per = 'total'
    AND i.due_on BETWEEN make_date($3, 1, 1) AND make_date($3, 12, 31)
    AND NOT (r.quarter IS NOT NULL AND EXISTS (
      SELECT FROM report{known} AS w WHERE {at_w} AND w.park_id = r.park_id AND w.indicator_id = r.indicator_id
        AND w.year = r.year AND w.quarter IS NULL
        AND w.is_counted))
  GROUP BY r.park_id, r.indicator_id
) AS told ON told.park_id = i.park_id AND told.indicator_id = i.id
  AND told.is_total IS NOT DISTINCT FROM (i.per = 'total')
WHERE (i.park_id, i.outcome_id) NOT IN (
  SELECT o.park_id, o.id FROM outcome{known} AS o WHERE {at_o} AND o.stage IN ('withdrawn', 'rejected', 'corrected'))

-- name: promised_sums
-- Figure. {key} as above: per group and figure what was promised, what of it was due for the periods reported, and
-- what was delivered in these.
SELECT {key} AS key, name, unit, per, count(*) AS figures, count(delivered) AS figures_reported,
  round(sum(promised), 2) AS promised, round(sum(promised_of_reported), 2) AS promised_of_reported,
    sum(delivered) AS delivered
FROM counted GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4

-- name: requests
-- Rows. $3 from day, $4 to day, both counted: requests of firms raised in that period.
SELECT r.park_id, r.id AS request_id, r.firm_id, r.topic, r.stage, r.raised_on, r.dispatched_on, r.due_on,
  r.answered_on, r.closed_on, r.is_satisfied, r.recorded_at
FROM service_request{known} AS r
WHERE {at_r}
  AND ($2::uuid IS NULL OR r.park_id = $2) AND r.raised_on BETWEEN $3 AND $4

-- name: request_sums
-- Figure. $5 the day ages are told for: how many were raised and closed, days until closed, age of those open.
SELECT count(*) AS raised, count(*) FILTER (WHERE stage = 'dispatched') AS dispatched,
  count(*) FILTER (WHERE stage = 'answered') AS answered, count(*) FILTER (WHERE stage = 'closed') AS closed,
  count(*) FILTER (WHERE is_satisfied) AS satisfied, count(*) FILTER (WHERE is_satisfied IS NOT NULL) AS asked,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_on - raised_on) AS median_days_to_close,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY $5::date - raised_on)
  FILTER (WHERE stage <> 'closed') AS median_age_open,
  max($5::date - raised_on) FILTER (WHERE stage <> 'closed') AS oldest_open
FROM counted

-- name: behind
-- Figure: the rows themselves as JSON, the first 10,001 of them.
SELECT row_to_json(counted)::text FROM counted ORDER BY counted::text LIMIT 10001

-- name: stated_figures
-- Figures that sources state, to be shown beside what the records give.
SELECT body::text FROM scheme WHERE kind = 'stated_figures' ORDER BY version;

-- name: park_totals
-- Per kind the whole area of the parks asked for, of those known then; NULL where one of them has not stated its own.
SELECT k.kind, CASE WHEN count(*) = count(t.area_m2) THEN sum(t.area_m2) END AS area_m2
FROM park AS p CROSS JOIN (VALUES ('land'), ('factory')) AS k (kind)
LEFT JOIN park_total{known} AS t ON t.park_id = p.id AND t.kind = k.kind
  AND {at_t}
WHERE CASE WHEN $2::uuid IS NULL THEN $1::timestamptz IS NULL OR p.recorded_at <= $1 ELSE p.id = $2 END
GROUP BY k.kind ORDER BY k.kind;

-- name: parks
-- The parks that figures cover, in the order in which they were added: the one asked for, or all that were known.
SELECT name_zh, coalesce(name_en, name_zh) AS name_en FROM park
WHERE CASE WHEN $2::uuid IS NULL THEN $1::timestamptz IS NULL OR recorded_at <= $1 ELSE id = $2 END ORDER BY id;

-- name: park_names
-- Parks by id.
SELECT id::text AS key, name_zh, name_en FROM park;

-- name: industry_names
-- $1 codes: industries with their names.
SELECT code AS key, name_zh, NULL AS name_en FROM industry WHERE code = ANY ($1);

-- name: plan_for_values
-- $1 park or null; whether it is there. A plan kept for any value would know neither year nor period. A figure hashes
-- and sorts in memory, and takes one core.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true),
  set_config('max_parallel_workers_per_gather', '0', true), set_config('enable_mergejoin', 'off', true),
  $1::uuid IS NULL OR EXISTS (SELECT FROM park WHERE id = $1) AS is_there;
