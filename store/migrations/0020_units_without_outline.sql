-- Units of which nobody has an outline yet (图形待补): a stated area, and a point where one is known.

SET search_path = panhuo, public;

ALTER TABLE asset
  ALTER COLUMN geom DROP NOT NULL,
  ALTER COLUMN measured_area_m2 DROP NOT NULL,
  ADD COLUMN point geometry(Point, 4326) CONSTRAINT asset_point_valid CHECK (NOT ST_IsEmpty(point)),
  ADD CONSTRAINT outline_has_its_area CHECK ((geom IS NULL) = (measured_area_m2 IS NULL)),
  ADD CONSTRAINT point_never_beside_an_outline CHECK (geom IS NULL OR point IS NULL),
  ADD CONSTRAINT outline_or_stated_area CHECK (geom IS NOT NULL OR stated_area IS NOT NULL);
ALTER TABLE history.asset ADD COLUMN point geometry(Point, 4326);
COMMENT ON COLUMN asset.geom IS 'Outline, EPSG:4326, lon lat degrees; NULL: not drawn yet (图形待补) [public]';
COMMENT ON COLUMN asset.point IS 'Where it lies while it has no outline, EPSG:4326; NULL: unknown [public]';
COMMENT ON COLUMN asset.measured_area_m2 IS 'Geodesic area of the outline, m²; NULL without one [public]';
CREATE INDEX asset_point ON asset USING gist (point) WHERE point IS NOT NULL;

-- A position is a point on the outline, or the point itself. It is found once where it is drawn: a generated column is
-- made anew by every update of a row that has a trigger before it, and a point on an outline takes long.
ALTER TABLE asset
  ALTER COLUMN lon_e7 DROP EXPRESSION, ALTER COLUMN lon_e7 DROP NOT NULL,
  ALTER COLUMN lat_e7 DROP EXPRESSION, ALTER COLUMN lat_e7 DROP NOT NULL,
  ALTER COLUMN x_e9 DROP EXPRESSION, ALTER COLUMN x_e9 DROP NOT NULL,
  ALTER COLUMN y_e9 DROP EXPRESSION, ALTER COLUMN y_e9 DROP NOT NULL,
  ALTER COLUMN z_e9 DROP EXPRESSION, ALTER COLUMN z_e9 DROP NOT NULL,
  ADD CONSTRAINT position_is_whole CHECK (num_nulls(lon_e7, lat_e7, x_e9, y_e9, z_e9) IN (0, 5));
CREATE FUNCTION set_position() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  position geometry;
  lon double precision;
  lat double precision;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.geom IS NOT DISTINCT FROM OLD.geom AND NEW.point IS NOT DISTINCT FROM OLD.point THEN
    RETURN NEW;
  END IF;
  position := coalesce(ST_PointOnSurface(NEW.geom), NEW.point);
  lon := ST_X(position);
  lat := ST_Y(position);
  NEW.lon_e7 := round(lon * 1e7);
  NEW.lat_e7 := round(lat * 1e7);
  NEW.x_e9 := round(cos(radians(lat)) * cos(radians(lon)) * 1e9);
  NEW.y_e9 := round(cos(radians(lat)) * sin(radians(lon)) * 1e9);
  NEW.z_e9 := round(sin(radians(lat)) * 1e9);
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION set_position() FROM PUBLIC;
CREATE TRIGGER set_position BEFORE INSERT OR UPDATE OF geom, point ON asset
  FOR EACH ROW EXECUTE FUNCTION set_position();
COMMENT ON COLUMN asset.lon_e7 IS
  'Longitude of a point on the outline, or of its point, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.lat_e7 IS 'Latitude of that point, 1e-7 degrees; derived [public]';
COMMENT ON COLUMN asset.x_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.y_e9 IS 'That point as a unit vector, 1e-9; derived [public]';
COMMENT ON COLUMN asset.z_e9 IS 'That point as a unit vector, 1e-9; derived [public]';

-- As before, with a geometry that is an outline, a point or nothing.
CREATE OR REPLACE FUNCTION make_asset_readers() RETURNS void LANGUAGE plpgsql
SET search_path = panhuo, public, pg_temp AS $make$
DECLARE
  aside text[] := ARRAY['id', 'geom', 'point', 'feature', 'staff_facts', 'search', 'spelling', 'lon_e7', 'lat_e7',
    'x_e9', 'y_e9', 'z_e9'];
  own text := 'a.park_id = ANY ((SELECT string_to_array(nullif(current_setting(''app.park_ids'', true), ''''), '','')'
    ')::uuid[])';
  shown text;
  members text;
BEGIN
  WITH shown_column AS (
    SELECT coalesce(v.attname, a.attname) AS name, a.atttypid = 'numeric'::regtype AS is_numeric,
      coalesce(v.attnum, 10000 + a.attnum) AS place, CASE coalesce(v.attname, a.attname)
        WHEN 'staff_facts' THEN format('CASE WHEN %s THEN asset_staff_facts(a) END', own)
        WHEN 'illustrative' THEN 'public_names(a.illustrative || ARRAY('
          'SELECT jsonb_array_elements_text(a.inherited -> ''illustrative'')))'
        WHEN 'inherited' THEN 'a.inherited'
        ELSE CASE WHEN a.attname IN ('clear_height_m', 'clear_height_at', 'floor_load_kn_m2', 'rent_yuan_m2_month')
          THEN format('coalesce(a.%1$I, (a.inherited ->> %1$L)::%2$s)', a.attname,
            format_type(a.atttypid, a.atttypmod))
          ELSE format('a.%I', a.attname) END END AS value
    FROM (SELECT * FROM pg_attribute WHERE attrelid = 'asset_visible'::regclass AND attnum > 0) AS v
    FULL JOIN (SELECT * FROM pg_attribute WHERE attrelid = 'asset'::regclass AND attnum > 0 AND NOT attisdropped
      AND col_description(attrelid, attnum) LIKE '%[public]') AS a ON a.attname = v.attname
  )
  SELECT string_agg(format('%s AS %I', value, name), ', ' ORDER BY place), string_agg(format('%s AS %I', CASE
      WHEN name = 'inherited' THEN 'ARRAY(SELECT jsonb_object_keys(a.inherited - ''illustrative'') ORDER BY 1)'
      WHEN is_numeric THEN format('trim_scale(%s)', value) ELSE value END, name), ', ' ORDER BY place)
    FILTER (WHERE name <> ALL (aside))
  INTO shown, members FROM shown_column;
  EXECUTE format($text$CREATE OR REPLACE FUNCTION asset_feature(a asset) RETURNS text LANGUAGE sql STABLE
    SET search_path = panhuo, public, pg_temp AS $feature$
      SELECT '{"type":"Feature","id":"' || a.id || '","geometry":' ||
        coalesce(ST_AsGeoJSON(coalesce(a.geom, a.point), 7), 'null') || ',"properties":' ||
        (SELECT row_to_json(p)::text FROM (SELECT %s) AS p) || '}'
    $feature$$text$, members);
  EXECUTE format($text$CREATE OR REPLACE FUNCTION asset_staff_facts(a asset) RETURNS text LANGUAGE sql STABLE
    SET search_path = panhuo, public, pg_temp AS $facts$
      SELECT row_to_json(s)::text FROM (SELECT %s) AS s
    $facts$$text$, members_of('asset', 'staff'));
  EXECUTE format('CREATE OR REPLACE VIEW asset_visible AS SELECT %s FROM asset AS a '
    'WHERE a.listing = ''published'' OR %s', shown, own);
END $make$;

SELECT make_past('asset');
SELECT make_asset_readers();
