SET search_path = panhuo, public;
-- The costly indexes are not needed here.
DO $$ DECLARE one record; BEGIN FOR one IN SELECT indexname FROM pg_indexes WHERE schemaname = 'panhuo' AND tablename = 'asset' AND indexdef ~ 'USING gi'
  LOOP EXECUTE 'DROP INDEX ' || one.indexname; END LOOP; END $$;
INSERT INTO head (scope_id, kind) SELECT md5('park' || n)::uuid, 'park' FROM generate_series(0, 599) AS n ON CONFLICT DO NOTHING;
INSERT INTO park (id, code, name_zh, boundary, leading_industries) SELECT md5('park' || n)::uuid, 'bench' || n, '基准园区' || n,
  ST_Multi(ST_MakeEnvelope(105, 29, 107.1, 31.1, 4326)), ARRAY[(ARRAY['3752', '3751', '37', '36', '2929', '27', '26', 'C', '39', '15'])[1 + n % 10]]
FROM generate_series(0, 599) AS n ON CONFLICT DO NOTHING;
INSERT INTO asset (park_id, id, root_id, level, kind, code, name, geom, measured_area_m2, available_area_m2, is_divisible, clear_height_m, clear_height_at,
  floor_load_kn_m2, crane_t, power_kva, fire_hazard_class, allowed_paths, allowed_industries, forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month,
  available_from, title_is_registered, mortgage, is_seized, listing, availability, search, spelling)
SELECT md5('park' || park)::uuid, u.id, u.id, CASE kind WHEN 'land' THEN 'plot' ELSE 'building' END, kind, 'R-' || n, '基准' || n,
  ST_Multi(ST_MakeEnvelope(105 + x / 1e5, 29 + y / 1e5, 105.0005 + x / 1e5, 29.0005 + y / 1e5, 4326)), area_m2, area_m2, false, height_m, 'under_beam',
  load_kn_m2, crane_t, power_kva, hazard, ARRAY(
    SELECT path FROM unnest(ARRAY['lease', 'sale', 'equity_swap', 'sublease'], ARRAY[1, 2, 4, 8]) AS p (path, bit) WHERE tenure & bit <> 0),
  '{}', CASE effluent WHEN 1 THEN '{}'::text[] ELSE ARRAY['37'] END, rent, 0, :today::date + day, true, 'none', false, 'published', 'available', '', ''
FROM bench_figure CROSS JOIN LATERAL (SELECT md5('rank' || n)::uuid AS id) AS u ORDER BY u.id;
-- What the SQL query beside the ranking may read without the table.
CREATE INDEX bench_rank ON asset (kind, usable_area_m2) INCLUDE (clear_height_m, floor_load_kn_m2, power_kva, fire_hazard_class, rent_yuan_m2_month,
  available_from, allowed_paths, forbidden_industries, availability, id);
