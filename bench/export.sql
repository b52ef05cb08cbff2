-- Beside what items.sql fills: the other facts of a factory that many have, about fifty cells a unit in all.
SET search_path = panhuo, public;
-- The units are made here: they have no past to keep, which would take most of the time.
ALTER TABLE asset DISABLE TRIGGER keep_past;
UPDATE asset SET
  storeys = 1 + substr(code, 3)::integer % 5, span_m = 18 + substr(code, 3)::integer % 12, crane_t = substr(code, 3)::integer % 20,
  truck_length_m = 9.6, expandable_kva = 1000, fire_hazard_class = 'D', title_is_registered = true, is_divisible = true,
  min_divisible_m2 = 500, property_fee_yuan_m2_month = 1.5, price_yuan_m2 = 3000 + substr(code, 3)::integer % 900,
  min_lease_months = 12, available_from = DATE '2026-01-01' + substr(code, 3)::integer % 300, idle_basis = 'vacant_building',
  stated_idle_since = DATE '2024-01-01' + substr(code, 3)::integer % 700, stated_idle_since_precision = 'day',
  completed_on = DATE '2010-01-01' + substr(code, 3)::integer % 4000, completed_on_precision = 'day', condition_grade = 4,
  effluent_types = '{sanitary}', allowed_industries = '{34,3752}', source = '基准数据，非真实单元', attributes = jsonb_build_object(
    'structure', '门式刚架', 'built_year', 2010, 'dock_doors', 2, 'has_sprinklers', true, 'address', '龙水工业园 ' || code,
    'office_area_m2', 120.5, 'remarks', '靠近南门 ' || code, 'column_spacing_m', 8, 'allows_sublet', false);
UPDATE asset SET feature = asset_feature(asset);
ALTER TABLE asset ENABLE TRIGGER keep_past;
