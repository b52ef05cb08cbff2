-- 100,000 revivals in two parks, each with a promised figure and ten reports of it: 1,000,000 reports; a fifth of all was changed once.
SET search_path = panhuo, public;
SET session_replication_role = replica;
INSERT INTO park (id, code, name_zh, boundary) SELECT md5('park' || n)::uuid, 'bench-' || n, '基准园区' || n, ST_Multi(ST_MakeEnvelope(105, 29, 106, 30, 4326))
  FROM generate_series(1, 2) AS n;
INSERT INTO head (scope_id, kind) SELECT id, 'park' FROM park;
INSERT INTO firm (id, name, search, spelling, industry_code) SELECT md5('firm' || n)::uuid, '企业' || n, '', '', (SELECT code FROM industry WHERE level = 4 ORDER BY md5(code || n % 50) LIMIT 1)
  FROM generate_series(1, 2000) AS n;
INSERT INTO head (scope_id, kind) SELECT id, 'firm' FROM firm;
INSERT INTO asset (park_id, id, root_id, level, kind, code, name, search, spelling, geom, stated_area, stated_area_unit, measured_area_m2, listing, allowed_paths)
SELECT md5('park' || 1 + n % 2)::uuid, md5('unit' || n)::uuid, md5('unit' || n)::uuid, CASE n % 3 WHEN 0 THEN 'plot' ELSE 'building' END,
  CASE n % 3 WHEN 0 THEN 'land' ELSE 'factory' END, 'B-' || n, '单元' || n, '', '', p.boundary, 100 + n % 9000 * 0.5, CASE n % 3 WHEN 0 THEN 'mu' ELSE 'm2' END, 1000,
  'published', '{lease}' FROM generate_series(1, 100000) AS n, (SELECT boundary FROM park LIMIT 1) AS p;
INSERT INTO outcome (park_id, id, path, stage, firm_id, opened_on, intended, signed_on, revived_on, revived_on_precision, recorded_at)
SELECT md5('park' || 1 + n % 2)::uuid, md5('outcome' || n)::uuid, 'lease', 'handed_over', md5('firm' || 1 + n % 2000)::uuid, d.day - 60, daterange(d.day, NULL), d.day - 30,
  d.day, CASE WHEN n % 10 = 0 THEN 'month' ELSE 'day' END, CASE n % 5 WHEN 0 THEN timestamptz '2026-06-01' ELSE timestamptz '2026-01-01' END
FROM generate_series(1, 100000) AS n CROSS JOIN LATERAL (
  SELECT CASE WHEN n % 10 = 0 THEN date_trunc('month', date '2016-01-01' + n % 3650)::date ELSE date '2016-01-01' + n % 3650 END AS day) AS d;
INSERT INTO history.outcome (superseded_at, recorded_at, park_id, id, path, stage, firm_id, opened_on, intended, signed_on)
SELECT recorded_at, timestamptz '2026-01-01', park_id, id, path, 'signed', firm_id, opened_on, intended, signed_on FROM outcome WHERE recorded_at = '2026-06-01';
INSERT INTO outcome_asset (park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, recorded_at)
SELECT a.park_id, o.id, a.id, a.kind, a.stated_area, a.stated_area_unit, o.recorded_at
FROM asset AS a JOIN outcome AS o ON o.park_id = a.park_id AND o.id = md5('outcome' || substr(a.code, 3))::uuid;
INSERT INTO revival (park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version, idle_since, idle_ground,
  firm_after_id, counted_as, adds, stated_area, stated_area_unit, recorded_at)
SELECT o.park_id, o.id, u.asset_id, u.asset_id, u.kind, o.path, o.revived_on,
  CASE o.revived_on_precision WHEN 'month' THEN (o.revived_on + interval '1 month')::date - 1 ELSE o.revived_on END, extract(year FROM o.revived_on)::integer,
  'counted', '7c', 'revival-1', o.revived_on - 200, 'vacant_building', o.firm_id, u.asset_id, true, u.stated_area, u.stated_area_unit, o.recorded_at
FROM outcome AS o JOIN outcome_asset AS u ON u.park_id = o.park_id AND u.outcome_id = o.id;
INSERT INTO history.revival (superseded_at, recorded_at, park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause,
  version, firm_after_id, counted_as, adds, stated_area, stated_area_unit, is_illustrative)
SELECT recorded_at, timestamptz '2026-01-01', park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, 'no_idle_period', '4', version,
  firm_after_id, counted_as, adds, stated_area, stated_area_unit, is_illustrative FROM revival WHERE recorded_at = '2026-06-01';
INSERT INTO agreement (park_id, id, outcome_id, signed_on, source) SELECT park_id, md5('agreement' || id)::uuid, id, signed_on, '协议' FROM outcome;
INSERT INTO indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, recorded_at)
SELECT a.park_id, md5(a.id::text)::uuid, a.outcome_id, a.id, (ARRAY['output', 'revenue', 'tax', 'added_value', 'investment', 'research', 'jobs', 'energy', 'output', 'tax'])[i],
  1000 + i, (ARRAY['yuan', 'yuan', 'yuan', 'yuan', 'yuan', 'yuan', 'person', 'tce', 'yuan', 'yuan'])[i], 'year', date '2020-07-01', '2026-01-01'
FROM agreement AS a CROSS JOIN LATERAL (SELECT 1 + abs(hashtext(a.id::text)) % 10 AS i) AS pick;
INSERT INTO reporting_year (park_id, year) SELECT id, y FROM park, generate_series(2021, 2030) AS y;
INSERT INTO report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, recorded_at)
SELECT park_id, md5(id::text || y)::uuid, outcome_id, id, y, NULL, 900 + y % 7, unit, '企业年报', CASE WHEN md5(id::text || y) < '33' THEN timestamptz '2026-06-01' ELSE timestamptz '2026-01-01' END
FROM indicator, generate_series(2021, 2030) AS y;
INSERT INTO history.report (superseded_at, recorded_at, park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source)
SELECT recorded_at, timestamptz '2026-01-01', park_id, id, outcome_id, indicator_id, year, quarter, value - 1, unit, source FROM report WHERE recorded_at = '2026-06-01';
SET session_replication_role = origin;
CREATE TABLE public.flat_revived AS SELECT o.revived_on, a.kind, a.is_illustrative, a.outcome_id,
  CASE a.stated_area_unit WHEN 'mu' THEN a.stated_area ELSE a.stated_area * 0.0015 END AS area_mu, CASE a.stated_area_unit WHEN 'm2' THEN a.stated_area ELSE a.stated_area * 2000 / 3 END AS area_m2
  FROM outcome AS o JOIN outcome_asset AS a ON a.park_id = o.park_id AND a.outcome_id = o.id;
CREATE INDEX ON public.flat_revived (revived_on);
CREATE TABLE public.flat_report AS SELECT r.year, i.name, i.unit, i.per, i.value AS promised, r.value AS delivered FROM report AS r JOIN indicator AS i ON i.park_id = r.park_id AND i.id = r.indicator_id;
CREATE INDEX ON public.flat_report (year);
