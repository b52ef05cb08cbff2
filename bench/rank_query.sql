SELECT id, 0.3 * least(1, greatest(0.3, 1 - abs(usable_area_m2 - $2) / $2))
  + 0.2 * least(1, 0.5 + 0.5 * (clear_height_m - $4))
  + 0.2 * least(1, greatest(0, (power_kva - $6) / ($7::numeric - $6)))
  + 0.2 * least(1, greatest(0, (1 - rent_yuan_m2_month / $10) / 0.3))
  + 0.1 * least(1, greatest(0, 1 - (available_from - $11::date) / 90.0)) AS score
FROM asset
WHERE availability = 'available' AND kind = 'factory' AND usable_area_m2 BETWEEN $1 AND $3 AND clear_height_m >= $4 AND floor_load_kn_m2 >= $5
  AND power_kva >= $6 AND fire_hazard_class <= $8 AND allowed_paths && $9::text[] AND rent_yuan_m2_month <= $10
  AND available_from <= $11::date + $12::integer AND NOT forbidden_industries && ARRAY[$13::text]
ORDER BY score DESC, id LIMIT 20
