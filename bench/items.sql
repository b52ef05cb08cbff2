SET search_path = panhuo, public;
-- The costly indexes are built once all rows are there.
CREATE TEMP TABLE costly AS SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'panhuo' AND tablename = 'asset' AND indexdef ~ 'USING gi';
DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM costly LOOP EXECUTE 'DROP INDEX ' || one.indexname; END LOOP; END $$;
INSERT INTO head (scope_id, kind) VALUES ('00000000-0000-7000-8000-000000000001', 'park');
INSERT INTO park (id, code, name_zh, boundary) VALUES ('00000000-0000-7000-8000-000000000001', 'bench', '基准园区',
  ST_Multi(ST_MakeEnvelope(105, 29, 107, 31, 4326)));
INSERT INTO asset (park_id, id, root_id, level, kind, code, name, geom, stated_area, stated_area_unit, measured_area_m2, clear_height_m, floor_load_kn_m2,
  power_kva, rent_yuan_m2_month, allowed_paths, listing, availability, search, spelling)
SELECT '00000000-0000-7000-8000-000000000001', u.id, u.id, 'building', 'factory', 'B-' || n, '基准厂房' || n,
  ST_Multi(ST_MakeEnvelope(105 + x, 29 + y, 105.0005 + x, 29.0005 + y, 4326)), 2700 + n % 1000, 'm2', 2690, 6 + n % 7, 5 + n % 9, 300 + n % 700, 8 + n % 13, '{lease}',
  'published', 'available', '', ''
FROM generate_series(1, :assets) AS n
CROSS JOIN LATERAL (SELECT md5('bench' || n)::uuid AS id, (n % 1000) * 0.001 AS x, (n / 1000) * 0.01 AS y) AS u;
UPDATE asset AS a SET feature = asset_feature(a), flat = :flat FROM park AS p WHERE p.id = a.park_id;
INSERT INTO counter (park_id, collection, is_public, n) SELECT park_id, c.collection, true, count(*)
  FROM asset CROSS JOIN LATERAL collections_of(kind, geom, label, availability) AS c (collection) GROUP BY 1, 2;
DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM costly LOOP EXECUTE one.indexdef; END LOOP; END $$;
