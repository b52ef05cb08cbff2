-- What is the same for every field is made from the columns themselves: a migration that adds one alters the table and
-- its twin, says in the comment what it is and who reads it, and calls make_past and make_readers.

SET search_path = panhuo, public;

-- Makes the trigger that keeps the past of a table, and the view of what was known, of the columns of its twin.
CREATE FUNCTION make_past(relation text) RETURNS void LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  kept text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = format('history.%I', relation)::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('superseded_at', 'recorded_at'));
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_past BEFORE UPDATE OF %2$s OR DELETE ON %1$I FOR EACH ROW '
    'EXECUTE FUNCTION keep_past(%2$s)', relation, kept);
  EXECUTE format('CREATE OR REPLACE VIEW %1$I WITH (security_invoker = true) AS '
    'SELECT ''infinity''::timestamptz AS superseded_at, recorded_at, %3$s FROM %2$I '
    'UNION ALL SELECT superseded_at, recorded_at, %3$s FROM history.%2$I', relation || '_known', relation, kept);
END $$;
REVOKE ALL ON FUNCTION make_past(text) FROM PUBLIC;

-- The columns of a table that some read, as a list to select of its row `a`: figures without trailing zeros, outlines
-- as GeoJSON.
CREATE FUNCTION members_of(relation regclass, readers text) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT string_agg(CASE
    WHEN atttypid = 'numeric'::regtype THEN format('trim_scale(a.%1$I) AS %1$I', attname)
    WHEN atttypid = 'geometry'::regtype THEN format('ST_AsGeoJSON(a.%1$I, 7)::json AS %1$I', attname)
    ELSE format('a.%I', attname) END, ', ' ORDER BY attnum)
  FROM pg_attribute
  WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
    AND substring(col_description(attrelid, attnum) FROM '\[(\w+)\]$') = ANY (string_to_array(readers, ' '))
$$;
REVOKE ALL ON FUNCTION members_of(regclass, text) FROM PUBLIC;

-- Facts that a part takes from its whole where it states none of its own: a bay height, load and rent of its floor, a
-- floor the rent of its building. A height and the point it is measured at are taken together or not at all. Power is
-- never taken: what is stated of a whole is shared by its parts. What a draft or withdrawn whole states is taken by
-- parts that are no more public than it. `illustrative`: those taken that the whole marks as invented.
CREATE FUNCTION inherited_facts(part asset) RETURNS jsonb LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp
AS $$
  SELECT coalesce((
    SELECT jsonb_strip_nulls(jsonb_object_agg(fact.name, fact.value)) || CASE
      WHEN bool_or(fact.value <> 'null' AND fact.name = ANY (fact.invented)) THEN jsonb_build_object('illustrative',
        jsonb_agg(fact.name ORDER BY fact.name)
          FILTER (WHERE fact.value <> 'null' AND fact.name = ANY (fact.invented)))
      ELSE '{}' END
    FROM asset AS w LEFT JOIN asset AS b ON b.park_id = w.park_id AND b.id = w.parent_id
      AND (b.listing = 'published' OR part.listing <> 'published')
    CROSS JOIN LATERAL (SELECT w.listing = 'published' OR part.listing <> 'published' AS is_open) AS whole
    CROSS JOIN LATERAL (VALUES
      ('clear_height_m', CASE WHEN is_open AND part.level = 'bay' AND part.clear_height_m IS NULL
        AND part.clear_height_at IS NULL THEN to_jsonb(w.clear_height_m) END, w.illustrative),
      ('clear_height_at', CASE WHEN is_open AND part.level = 'bay' AND part.clear_height_m IS NULL
        AND part.clear_height_at IS NULL AND w.clear_height_m IS NOT NULL THEN to_jsonb(w.clear_height_at) END,
        w.illustrative),
      ('floor_load_kn_m2', CASE WHEN is_open AND part.level = 'bay' AND part.floor_load_kn_m2 IS NULL
        THEN to_jsonb(w.floor_load_kn_m2) END, w.illustrative),
      ('rent_yuan_m2_month', CASE WHEN part.rent_yuan_m2_month IS NULL THEN to_jsonb(coalesce(
        CASE WHEN is_open THEN w.rent_yuan_m2_month END, b.rent_yuan_m2_month)) END,
        CASE WHEN is_open AND w.rent_yuan_m2_month IS NOT NULL THEN w.illustrative ELSE b.illustrative END)
    ) AS stated (name, value, invented)
    CROSS JOIN LATERAL (SELECT stated.name, coalesce(stated.value, 'null') AS value, stated.invented) AS fact
    WHERE part.level IN ('floor', 'bay') AND w.park_id = part.park_id AND w.id = part.parent_id), '{}')
$$;
REVOKE ALL ON FUNCTION inherited_facts(asset) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION inherited_facts(asset) TO panhuo_app;

ALTER TABLE asset ADD COLUMN inherited jsonb NOT NULL DEFAULT '{}'
  CONSTRAINT inherited_is_an_object CHECK (jsonb_typeof(inherited) = 'object');
COMMENT ON COLUMN asset.inherited IS
  'Facts that it takes from its whole, as it states none of its own; derived by every act on its tree [public]';
COMMENT ON COLUMN asset.parent_is_leaf IS 'Always false beside a parent: a part cannot hang under a leaf [owner]';

-- Makes what readers see of units: the view, the feature and what only staff read, of the columns and their comments.
-- Columns of the view stay where they are; later ones follow.
CREATE FUNCTION make_asset_readers() RETURNS void LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $make$
DECLARE
  aside text[] := ARRAY['id', 'geom', 'feature', 'staff_facts', 'search', 'spelling', 'lon_e7', 'lat_e7', 'x_e9',
    'y_e9', 'z_e9'];
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
      SELECT '{"type":"Feature","id":"' || a.id || '","geometry":' || ST_AsGeoJSON(a.geom, 7) || ',"properties":' ||
        (SELECT row_to_json(p)::text FROM (SELECT %s) AS p) || '}'
    $feature$$text$, members);
  EXECUTE format($text$CREATE OR REPLACE FUNCTION asset_staff_facts(a asset) RETURNS text LANGUAGE sql STABLE
    SET search_path = panhuo, public, pg_temp AS $facts$
      SELECT row_to_json(s)::text FROM (SELECT %s) AS s
    $facts$$text$, members_of('asset', 'staff'));
  EXECUTE format('CREATE OR REPLACE VIEW asset_visible AS SELECT %s FROM asset AS a '
    'WHERE a.listing = ''published'' OR %s', shown, own);
END $make$;
REVOKE ALL ON FUNCTION make_asset_readers() FROM PUBLIC;

-- The same of needs.
CREATE FUNCTION make_demand_readers() RETURNS void LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $make$
DECLARE
  reads_all text := '((SELECT current_setting(''app.role'', true)) IN (''staff'', ''admin'', ''system'') '
    'OR a.firm_id = (SELECT nullif(current_setting(''app.firm_id'', true), ''''))::uuid)';
BEGIN
  EXECUTE format($text$CREATE OR REPLACE FUNCTION demand_document(a demand) RETURNS text LANGUAGE sql STABLE
    SET search_path = panhuo, public, pg_temp AS $document$
      SELECT row_to_json(d)::text FROM (SELECT %s) AS d
    $document$$text$, members_of('demand', 'public staff'));
  EXECUTE format($text$CREATE OR REPLACE VIEW demand_visible AS
    SELECT a.id, a.version, a.title, a.kinds, a.product_codes, a.accepted_paths, a.illustrative, a.listing, a.revision,
      a.recorded_at, CASE WHEN %1$s THEN a.firm_id END AS firm_id,
      CASE WHEN %1$s THEN demand_document(a) ELSE (SELECT row_to_json(d)::text FROM (SELECT %2$s) AS d) END AS document
    FROM demand AS a
    WHERE a.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid OR a.listing = 'published'
      AND (a.audience = 'public' OR (SELECT current_setting('app.role', true)) IN ('staff', 'admin', 'system'))$text$,
    reads_all, members_of('demand', 'public'));
END $make$;
REVOKE ALL ON FUNCTION make_demand_readers() FROM PUBLIC;

SELECT make_past('asset'), make_past('demand');
SELECT make_asset_readers();
SELECT make_demand_readers();
UPDATE asset SET inherited = inherited_facts(asset) WHERE level IN ('floor', 'bay') AND inherited_facts(asset) <> '{}';
-- Features are written anew by the next file, once for both.
