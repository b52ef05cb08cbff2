-- What a plot is connected to (七通). Source: 七通一平, of which levelling is an attribute.

SET search_path = panhuo, public;

ALTER TABLE asset ADD COLUMN connections text[] CONSTRAINT connections_known
  CHECK (connections <@ ARRAY['road', 'water_supply', 'drainage', 'power_supply', 'telecom', 'gas', 'heating']);
ALTER TABLE history.asset ADD COLUMN connections text[];
COMMENT ON COLUMN asset.connections IS
  'What it is connected to up to its boundary (七通); empty: nothing; NULL unknown [public]';
COMMENT ON COLUMN demand.places IS 'Places it wants to be near: lon, lat, weight, radius_m, is_required, name [staff]';
SELECT make_past('asset');
SELECT make_asset_readers();
UPDATE asset SET feature = asset_feature(asset) WHERE feature IS NOT NULL;
