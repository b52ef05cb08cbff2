-- The anchor tipg's view: the twenty properties that the synthetic units have, typed as the columns are.
CREATE SCHEMA bench;
CREATE VIEW bench.unit AS SELECT
  id, geom, park_id, root_id, is_leaf, level, kind, code, name, stated_area, stated_area_unit, measured_area_m2, clear_height_m, floor_load_kn_m2,
  power_kva, rent_yuan_m2_month, allowed_paths, listing, area_m2, area_mu, availability, revision
FROM panhuo.asset WHERE listing = 'published';
