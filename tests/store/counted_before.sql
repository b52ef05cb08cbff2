-- Halls of 100 m² that stood empty since 2015, one of them with floors of 40 and 50, and deals that the old rule counted.
INSERT INTO park (id, code, name_zh, boundary) VALUES (
  '00000000-0000-4000-8000-000000000001', 'planted', '示例',
  ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)))', 4326));
INSERT INTO head (scope_id, kind) SELECT id, 'park' FROM park;
INSERT INTO firm (id, name, search, spelling)
SELECT md5(n)::uuid, n, ''::tsvector, '' FROM unnest(ARRAY['甲', '乙']) AS n;
INSERT INTO asset (park_id, id, parent_id, root_id, is_leaf, level, floor_no, kind, code, name, geom, measured_area_m2,
  stated_area, stated_area_unit, stated_idle_since, stated_idle_since_precision, idle_basis, listing, search, spelling)
SELECT p.id, md5(u.code)::uuid, md5(u.whole)::uuid, md5(coalesce(u.whole, u.code))::uuid, u.code <> 'whole', u.level,
  u.floor_no, 'factory', u.code, u.code, p.boundary, 100, u.area, 'm2', u.since, 'day',
  CASE WHEN u.since IS NOT NULL THEN 'vacant_building' END, 'published', ''::tsvector, ''
FROM park AS p, (VALUES
  ('hall', NULL, 'building', NULL::integer, 100, DATE '2015-01-01'),
  ('month', NULL, 'building', NULL, 100, '2015-01-01'),
  ('wrong', NULL, 'building', NULL, 100, '2015-01-01'),
  ('whole', NULL, 'building', NULL, 100, NULL),
  ('one', 'whole', 'floor', 1, 40, '2015-01-01'),
  ('two', 'whole', 'floor', 2, 50, NULL)) AS u (code, whole, level, floor_no, area, since);
CREATE FUNCTION counted(
  deal text, unit text, firm text, path text, starts_on date, ends_before date, exactly text
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outcome (park_id, id, path, stage, firm_id, opened_on, intended, signed_on, revived_on,
    revived_on_precision, ended_on)
  SELECT id, md5(deal)::uuid, path, 'ended', md5(firm)::uuid, starts_on, daterange(starts_on, ends_before), starts_on,
    starts_on, exactly, ends_before - 1 FROM park;
  INSERT INTO outcome_asset (park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, path, revived_from,
    revived_to)
  SELECT o.park_id, o.id, md5(unit)::uuid, 'factory', 100, 'm2', o.path, o.revived_from, o.revived_to
  FROM outcome AS o WHERE o.id = md5(deal)::uuid;
  INSERT INTO tenancy (park_id, id, outcome_id, asset_id, firm_id, during, handed_over_on, left_on)
  SELECT id, md5('t' || deal)::uuid, md5(deal)::uuid, md5(unit)::uuid, md5(firm)::uuid,
    daterange(starts_on, ends_before), starts_on, ends_before - 1 FROM park;
  INSERT INTO occupancy (park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during)
  SELECT park.id, md5('o' || deal || leaf.id)::uuid, leaf.id, 'use', 'tenancy', md5(deal)::uuid, md5(firm)::uuid,
    daterange(starts_on, ends_before)
  FROM park, asset AS leaf WHERE leaf.is_leaf AND md5(unit)::uuid IN (leaf.id, leaf.parent_id)
$$;
SELECT counted('first', 'hall', '甲', 'lease', '2020-02-01', '2021-01-01', 'day'),
  counted('renewed', 'hall', '甲', 'lease', '2021-01-01', '2021-12-01', 'day'),
  counted('temporary', 'hall', '乙', 'temporary_use', '2022-02-01', '2022-03-01', 'day'),
  counted('month', 'month', '乙', 'lease', '2021-03-01', '2022-01-01', 'month'),
  counted('wrong', 'wrong', '甲', 'lease', '2021-05-01', '2022-01-01', 'day'),
  counted('whole', 'whole', '甲', 'lease', '2021-06-01', '2022-01-01', 'day');
INSERT INTO reporting_year (park_id, year) SELECT id, 2021 FROM park;
