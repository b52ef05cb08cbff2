-- What lists of units are filtered by, where few of all units meet it; codes by any spelling, to be near to.

SET search_path = panhuo, public;

-- As the view asset_visible has it.
CREATE INDEX asset_rent ON asset (
  (coalesce(rent_yuan_m2_month, (inherited ->> 'rent_yuan_m2_month')::numeric(12, 2))), id);
CREATE INDEX asset_price ON asset (price_yuan_m2, id) WHERE price_yuan_m2 IS NOT NULL;
CREATE INDEX asset_idle_since ON asset (idle_since, id) WHERE idle_since IS NOT NULL;
CREATE INDEX asset_unlisted ON asset (park_id, listing, id) WHERE listing <> 'published';
CREATE INDEX asset_in_zone ON asset (zone_id, id) WHERE zone_id IS NOT NULL;
CREATE INDEX asset_code ON asset (folded_code(code));
GRANT EXECUTE ON FUNCTION folded_code(text) TO panhuo_public;
