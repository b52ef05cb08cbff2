-- The longest truck that reaches a unit, and the one that a need asks for. Source: DOMAIN handbook §2, truck_access.

SET search_path = panhuo, public;

ALTER TABLE asset ADD COLUMN truck_length_m numeric(6, 2)
  CONSTRAINT truck_length_range CHECK (truck_length_m >= 0 AND truck_length_m <= 100);
ALTER TABLE history.asset ADD COLUMN truck_length_m numeric(6, 2);
COMMENT ON COLUMN asset.truck_length_m IS
  'Longest truck that reaches it and can turn (大车通行), m; 0 none; NULL unknown [public]';
ALTER TABLE demand ADD COLUMN truck_length_m numeric(6, 2)
  CONSTRAINT wished_truck_length_range CHECK (truck_length_m >= 0 AND truck_length_m <= 100);
ALTER TABLE history.demand ADD COLUMN truck_length_m numeric(6, 2);
COMMENT ON COLUMN demand.truck_length_m IS 'Longest truck that is to reach it, m; NULL: not mentioned [staff]';
SELECT make_past('asset'), make_past('demand');
SELECT make_asset_readers();
SELECT make_demand_readers();
UPDATE asset SET feature = asset_feature(asset) WHERE feature IS NOT NULL;
