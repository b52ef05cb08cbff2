-- What GIS clients read: a flat feature of every unit, how many units each collection has, and versions of what is
-- shown, by which an answer kept elsewhere is known to be the same. RECORDS §7.

SET search_path = panhuo, public;

ALTER TABLE asset
  ADD COLUMN flat text,
  ADD COLUMN label geometry(Point, 4326) GENERATED ALWAYS AS (
    ST_SetSRID(ST_MakePoint(lon_e7 / 1e7::double precision, lat_e7 / 1e7::double precision), 4326)) STORED;
COMMENT ON COLUMN asset.flat IS
  'A GeoJSON Feature whose properties have no parts of their own, as far as its geometry; made on write [public]';
COMMENT ON COLUMN asset.label IS 'A point on the outline, or its point; NULL: it has no place [public]';
COMMENT ON COLUMN asset.changed_at IS 'Instant of the last act that changed it; UTC [public]';
CREATE INDEX asset_label ON asset USING gist (label);
-- Asked `IS TRUE`, so that they serve whoever asks so and no other. The view asks `listing = 'published'` or whether
-- it is of the caller's parks: with these for the first half, all that is published would be read for each of many
-- units that are joined by place.
CREATE INDEX asset_published ON asset (kind, id) WHERE (listing = 'published') IS TRUE;
CREATE INDEX asset_drawn ON asset (kind, id) WHERE (listing = 'published') IS TRUE AND geom IS NOT NULL;
CREATE INDEX asset_on_offer ON asset (kind, id) WHERE availability = 'available';
CREATE INDEX asset_unplaced ON asset (kind, id) WHERE label IS NULL;

-- Columns of the view that are no members of the REST Feature: those of GIS are set beside those that were.
DO $$
BEGIN
  EXECUTE replace(pg_get_functiondef('make_asset_readers()'::regprocedure),
    '''feature'', ''staff_facts''', '''feature'', ''flat'', ''label'', ''changed_at'', ''staff_facts''');
END $$;
SELECT make_asset_readers();

ALTER TABLE instance ADD COLUMN flat_form text;
COMMENT ON COLUMN instance.flat_form IS
  'SHA-256 of the statement that wrote every flat feature, hex; NULL: they are yet to be written [owner]';
GRANT UPDATE ON instance TO panhuo_app;

CREATE TABLE counter (
  park_id uuid NOT NULL CONSTRAINT counter_park REFERENCES park,
  collection text NOT NULL,
  is_public boolean NOT NULL,
  n bigint NOT NULL DEFAULT 0 CONSTRAINT counter_counts_up CHECK (n >= 0),
  version bigint NOT NULL DEFAULT 1 CONSTRAINT counter_version_counts_up CHECK (version >= 1),
  PRIMARY KEY (park_id, collection, is_public)
);
CREATE INDEX counter_collection ON counter (collection) INCLUDE (is_public, n, version, park_id);
COMMENT ON TABLE counter IS
  'How many features a park has in a collection of /ogc, and how often they changed; kept by triggers.';
COMMENT ON COLUMN counter.park_id IS 'The park [public]';
COMMENT ON COLUMN counter.collection IS 'Id of the collection, or revivals [public]';
COMMENT ON COLUMN counter.is_public IS
  'Whether the features are public; others are drafts and withdrawn units [public]';
COMMENT ON COLUMN counter.n IS 'Features; of revivals 0 [public]';
COMMENT ON COLUMN counter.version IS 'Counts the acts that changed one of them [public]';
ALTER TABLE counter ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON counter TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT ON counter TO panhuo_app;

-- Rows of the caller's own parks, and the public ones of all.
CREATE VIEW counter_visible AS
  SELECT park_id, collection, is_public, n, version FROM counter WHERE is_public
    OR park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]);
GRANT SELECT ON counter_visible TO panhuo_app, panhuo_public;

CREATE TABLE tile_version (
  park_id uuid NOT NULL CONSTRAINT tile_version_park REFERENCES park,
  x integer NOT NULL CONSTRAINT tile_version_x CHECK (x BETWEEN 0 AND 1023),
  y integer NOT NULL CONSTRAINT tile_version_y CHECK (y BETWEEN 0 AND 1023),
  version bigint NOT NULL DEFAULT 1 CONSTRAINT tile_version_counts_up CHECK (version >= 1),
  PRIMARY KEY (park_id, x, y)
);
CREATE INDEX tile_version_cell ON tile_version (x, y) INCLUDE (version);
COMMENT ON TABLE tile_version IS
  'How often a park''s acts changed what the public sees in a tile of zoom 10; kept by triggers.';
COMMENT ON COLUMN tile_version.park_id IS 'The park [public]';
COMMENT ON COLUMN tile_version.x IS 'Column of the tile in WebMercatorQuad [public]';
COMMENT ON COLUMN tile_version.y IS 'Row of the tile [public]';
COMMENT ON COLUMN tile_version.version IS 'Counts those acts [public]';
ALTER TABLE tile_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tile_version TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT ON tile_version TO panhuo_app;
CREATE VIEW tile_version_visible AS SELECT park_id, x, y, version FROM tile_version;
GRANT SELECT ON tile_version_visible TO panhuo_app, panhuo_public;

-- The tiles of zoom 10 that a geometry meets, each widened by the buffer of a tile of zoom 12: 64 of its 4096 steps.
CREATE FUNCTION cells_of(geom geometry) RETURNS TABLE (x integer, y integer) LANGUAGE sql IMMUTABLE
SET search_path = panhuo, public, pg_temp AS $$
  WITH place AS MATERIALIZED (
    SELECT ST_Transform(ST_Intersection(geom, ST_MakeEnvelope(-180, -85.05, 180, 85.05, 4326)), 3857) AS geom
  ), span AS (
    SELECT geom, size.m AS size, size.m / 256 AS buffer, 512 * size.m AS half
    FROM place CROSS JOIN (SELECT 2 * pi() * 6378137 / 1024 AS m) AS size WHERE NOT ST_IsEmpty(geom)
  ), cell AS (
    SELECT column_no, row_no, span.geom, span.size, span.buffer FROM span
      CROSS JOIN LATERAL generate_series(
        greatest(0, floor((ST_XMin(geom) - buffer + half) / size)::integer),
        least(1023, floor((ST_XMax(geom) + buffer + half) / size)::integer)) AS column_no
      CROSS JOIN LATERAL generate_series(
        greatest(0, floor((half - ST_YMax(geom) - buffer) / size)::integer),
        least(1023, floor((half - ST_YMin(geom) + buffer) / size)::integer)) AS row_no
  )
  SELECT column_no, row_no FROM cell
  WHERE ST_Intersects(geom, ST_Expand(ST_TileEnvelope(10, column_no, row_no), buffer))
$$;
REVOKE ALL ON FUNCTION cells_of(geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cells_of(geometry) TO panhuo_app;

-- The collections of /ogc that a unit is in, by what it is and where it lies.
CREATE FUNCTION collections_of(kind text, geom geometry, label geometry, availability text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT p.prefix || kind || s.suffix
  FROM (VALUES ('', true), ('idle-', availability = 'available')) AS p (prefix, is_in)
  CROSS JOIN (VALUES ('', geom IS NOT NULL), ('-points', label IS NOT NULL), ('-unplaced', label IS NULL))
    AS s (suffix, is_in)
  WHERE p.is_in AND s.is_in AND (p.prefix = '' OR s.suffix <> '-unplaced')
$$;
REVOKE ALL ON FUNCTION collections_of(text, geometry, geometry, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION collections_of(text, geometry, geometry, text) TO panhuo_app;

-- What an act changed of what is shown is noted line by line in a setting of its transaction, and counted when its
-- events are written, its last statement: no lock is held from before. `counter|park|collection|is_public|n` and
-- `tile|park|x|y`.
CREATE FUNCTION note_shown(lines text[]) RETURNS void LANGUAGE sql SET search_path = panhuo, public, pg_temp AS $$
  SELECT set_config('app.shown', concat_ws(E'\n', nullif(current_setting('app.shown', true), ''),
    array_to_string(lines, E'\n')), true) WHERE cardinality(lines) > 0
$$;
REVOKE ALL ON FUNCTION note_shown(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_shown(text[]) TO panhuo_app;

-- A unit as it was shown before a statement, n = -1, or is after it, n = 1.
CREATE TYPE shown_unit AS (
  n integer, park_id uuid, kind text, geom geometry, label geometry, availability text, is_public boolean);

CREATE FUNCTION note_units() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  units shown_unit[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    units := ARRAY(SELECT (1, park_id, kind, geom, label, availability, listing = 'published')::shown_unit
      FROM shown_after WHERE retired_on IS NULL);
  ELSIF TG_OP = 'DELETE' THEN
    units := ARRAY(SELECT (-1, park_id, kind, geom, label, availability, listing = 'published')::shown_unit
      FROM shown_before WHERE retired_on IS NULL);
  ELSE
    units := ARRAY(
      SELECT (d.n, d.park_id, d.kind, d.geom, d.label, d.availability, d.listing = 'published')::shown_unit
      FROM shown_before AS b JOIN shown_after AS a ON a.park_id = b.park_id AND a.id = b.id CROSS JOIN LATERAL (
        SELECT -1 AS n, b.park_id, b.kind, b.geom, b.label, b.availability, b.listing WHERE b.retired_on IS NULL
        UNION ALL SELECT 1, a.park_id, a.kind, a.geom, a.label, a.availability, a.listing WHERE a.retired_on IS NULL
      ) AS d
      WHERE (b.flat, b.listing, b.availability, b.retired_on) IS DISTINCT FROM
        (a.flat, a.listing, a.availability, a.retired_on)
        OR NOT coalesce(b.geom, b.point) ~= coalesce(a.geom, a.point)
        OR (coalesce(b.geom, b.point) IS NULL) <> (coalesce(a.geom, a.point) IS NULL));
  END IF;
  IF cardinality(units) > 0 THEN
    PERFORM note_shown(ARRAY(
      SELECT concat_ws('|', 'counter', u.park_id, c.collection, u.is_public, sum(u.n))
      FROM unnest(units) AS u
        CROSS JOIN LATERAL collections_of(u.kind, u.geom, u.label, u.availability) AS c (collection)
      GROUP BY u.park_id, c.collection, u.is_public
      UNION
      SELECT concat_ws('|', 'tile', u.park_id, c.x, c.y)
      FROM unnest(units) AS u CROSS JOIN LATERAL cells_of(coalesce(u.geom, u.label)) AS c WHERE u.is_public
      UNION
      SELECT concat_ws('|', 'tile', park.id, c.x, c.y)
      FROM park CROSS JOIN LATERAL cells_of(ST_PointOnSurface(park.boundary)) AS c
      WHERE park.id IN (SELECT u.park_id FROM unnest(units) AS u WHERE u.is_public)));
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_units() FROM PUBLIC;
CREATE TRIGGER note_new AFTER INSERT ON asset REFERENCING NEW TABLE AS shown_after
  FOR EACH STATEMENT EXECUTE FUNCTION note_units();
CREATE TRIGGER note_changed AFTER UPDATE ON asset REFERENCING OLD TABLE AS shown_before NEW TABLE AS shown_after
  FOR EACH STATEMENT EXECUTE FUNCTION note_units();
CREATE TRIGGER note_gone AFTER DELETE ON asset REFERENCING OLD TABLE AS shown_before
  FOR EACH STATEMENT EXECUTE FUNCTION note_units();

-- A park, or a zone of one.
CREATE FUNCTION note_park() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  home uuid := coalesce(to_jsonb(NEW) ->> 'park_id', NEW.id::text);
  is_new boolean := TG_OP = 'INSERT';
BEGIN
  IF is_new OR OLD.feature IS DISTINCT FROM NEW.feature THEN
    PERFORM note_shown(concat_ws('|', 'counter', home, 'parks', true, is_new::integer) || ARRAY(
      SELECT concat_ws('|', 'tile', home, c.x, c.y) FROM cells_of(NEW.boundary) AS c
      UNION SELECT concat_ws('|', 'tile', home, c.x, c.y)
        FROM cells_of(CASE WHEN NOT is_new THEN OLD.boundary END) AS c));
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_park() FROM PUBLIC;
CREATE TRIGGER note_shown AFTER INSERT OR UPDATE ON park FOR EACH ROW EXECUTE FUNCTION note_park();
CREATE TRIGGER note_shown AFTER INSERT OR UPDATE ON zone FOR EACH ROW EXECUTE FUNCTION note_park();

-- Verdicts on what counts as revived.
CREATE FUNCTION note_revival() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  r revival := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  PERFORM note_shown(concat_ws('|', 'counter', r.park_id, 'revivals', true, 0) || ARRAY(
    SELECT concat_ws('|', 'tile', r.park_id, c.x, c.y)
    FROM asset AS a CROSS JOIN LATERAL cells_of(coalesce(a.geom, a.label)) AS c
    WHERE a.park_id = r.park_id AND a.id = r.counted_as AND a.listing = 'published'
    UNION
    SELECT concat_ws('|', 'tile', r.park_id, c.x, c.y)
    FROM park CROSS JOIN LATERAL cells_of(ST_PointOnSurface(park.boundary)) AS c WHERE park.id = r.park_id));
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_revival() FROM PUBLIC;
CREATE TRIGGER note_shown AFTER INSERT OR UPDATE OR DELETE ON revival FOR EACH ROW EXECUTE FUNCTION note_revival();

-- With the owner's rights: an act counts for every park it wrote in, whatever its scope.
CREATE FUNCTION count_shown() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  shown text := coalesce(current_setting('app.shown', true), '');
BEGIN
  IF shown <> '' THEN
    INSERT INTO counter (park_id, collection, is_public)
      SELECT DISTINCT p[2]::uuid, p[3], p[4]::boolean
      FROM string_to_table(shown, E'\n') AS line CROSS JOIN LATERAL string_to_array(line, '|') AS p
      WHERE p[1] = 'counter' ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    -- Units that an administrator laid in without an act were not counted: taken away, they must not stop one.
    UPDATE counter AS c SET n = greatest(c.n + d.n, 0), version = c.version + 1
      FROM (SELECT p[2]::uuid AS park_id, p[3] AS collection, p[4]::boolean AS is_public, sum(p[5]::bigint) AS n
        FROM string_to_table(shown, E'\n') AS line CROSS JOIN LATERAL string_to_array(line, '|') AS p
        WHERE p[1] = 'counter' GROUP BY 1, 2, 3) AS d
      WHERE (c.park_id, c.collection, c.is_public) = (d.park_id, d.collection, d.is_public);
    INSERT INTO tile_version AS t (park_id, x, y)
      SELECT DISTINCT p[2]::uuid, p[3]::integer, p[4]::integer
      FROM string_to_table(shown, E'\n') AS line CROSS JOIN LATERAL string_to_array(line, '|') AS p
      WHERE p[1] = 'tile' ORDER BY 1, 2, 3
      ON CONFLICT (park_id, x, y) DO UPDATE SET version = t.version + 1;
    PERFORM set_config('app.shown', '', true);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION count_shown() FROM PUBLIC;
CREATE TRIGGER count_shown AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION count_shown();

-- What is there already.
INSERT INTO counter (park_id, collection, is_public, n)
  SELECT park_id, c.collection, listing = 'published', count(*)
  FROM asset CROSS JOIN LATERAL collections_of(kind, geom, label, availability) AS c (collection)
  WHERE retired_on IS NULL GROUP BY 1, 2, 3
  UNION ALL SELECT coalesce(zone_of, id), 'parks', true, count(*) FROM park_visible GROUP BY 1;
INSERT INTO tile_version (park_id, x, y)
  SELECT park_id, c.x, c.y FROM asset CROSS JOIN LATERAL cells_of(coalesce(geom, label)) AS c
    WHERE listing = 'published'
  UNION SELECT coalesce(zone_of, id), c.x, c.y FROM park_visible CROSS JOIN LATERAL cells_of(boundary) AS c;

-- What was revived, a row for each that counts in the figure: no firm, rent or stage; of a unit that the public does
-- not see no code, name or place.
CREATE VIEW revitalization_visible AS
  SELECT md5(r.outcome_id::text || r.leaf_id::text)::uuid AS id, r.park_id, r.kind, r.path,
    r.revived_from AS revived_on, CASE r.revived_to WHEN r.revived_from THEN 'day'
      WHEN (r.revived_from + interval '1 month')::date - 1 THEN 'month' ELSE 'year' END AS revived_on_precision,
    r.stated_area, r.stated_area_unit, r.clause, r.is_illustrative, a.code AS unit_code, a.name AS unit_name, a.geom,
    a.label
  FROM revival AS r LEFT JOIN asset AS a ON a.park_id = r.park_id AND a.id = r.counted_as AND a.listing = 'published'
  WHERE r.adds AND r.verdict = 'counted';
GRANT SELECT ON revitalization_visible TO panhuo_app, panhuo_public;
COMMENT ON VIEW revitalization_visible IS 'What counts in the figure, as everyone may see it.';

-- The geometry of a Feature as `asset_feature` writes it: what stands behind its id.
CREATE FUNCTION geometry_text(feature text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(feature, 74, strpos(feature, ',"properties":') - 74)
$$;
REVOKE ALL ON FUNCTION geometry_text(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION geometry_text(text) TO panhuo_app, panhuo_public;
