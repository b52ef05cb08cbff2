-- A flat feature is whole: a page of units with their outlines in degrees is its rows, and nothing is put together.

SET search_path = panhuo, public;

COMMENT ON COLUMN asset.flat IS
  'A GeoJSON Feature whose properties have no parts of their own, with the outline; made on write [public]';
DROP FUNCTION geometry_text(text);

-- What people look units up by: a code, and how large they are.
CREATE INDEX asset_published_code ON asset (code) WHERE (listing = 'published') IS TRUE;
CREATE INDEX asset_published_area ON asset (kind, area_m2) WHERE (listing = 'published') IS TRUE;
