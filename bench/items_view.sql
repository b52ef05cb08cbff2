-- The anchor tipg's view: the same properties as a feature of ours, typed as the columns are.
CREATE SCHEMA bench;
CREATE VIEW bench.unit AS SELECT
  id, geom, park_id, zone_id, parent_id, root_id, is_leaf, level, plot_id, kind, code, name, stated_area, stated_area_unit, measured_area_m2,
  available_area_m2, is_divisible, min_divisible_m2, storeys, floor_no, clear_height_m, clear_height_at, floor_load_kn_m2, crane_t, span_m, power_kva,
  expandable_kva, fire_hazard_class, planned_use_code, planned_use_system, far_max, land_right, term_ends_on, allowed_paths, allowed_industries,
  forbidden_industries, rent_yuan_m2_month, property_fee_yuan_m2_month, price_yuan_m2, contribution_yuan, min_lease_months, available_from, idle_basis,
  idle_since, idle_since_precision, title_is_registered, works, attributes, source, illustrative, listing, area_m2, area_mu, usable_area_m2,
  availability, revision, recorded_at
FROM panhuo.asset WHERE listing = 'published';
