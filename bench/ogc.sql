-- The anchors' table: the same rows and properties as a feature of ours, each a column, with the indexes a filter and a
-- box want. :properties is made of the declaration of fields.
SET search_path = panhuo, public;
CREATE SCHEMA bench;
CREATE TABLE bench.unit AS SELECT id, geom::geometry(MultiPolygon, 4326) AS geom, :properties
FROM asset_visible WHERE listing = 'published' ORDER BY id;
ALTER TABLE bench.unit ADD PRIMARY KEY (id);
CREATE INDEX unit_geom ON bench.unit USING gist (geom);
CREATE INDEX unit_code ON bench.unit (code);
CREATE INDEX unit_area ON bench.unit (area_m2);
