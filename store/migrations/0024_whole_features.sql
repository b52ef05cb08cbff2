-- A flat feature is whole: a page of units with their outlines in degrees is its rows, and nothing is put together.

SET search_path = panhuo, public;

COMMENT ON COLUMN asset.flat IS
  'A GeoJSON Feature whose properties have no parts of their own, with the outline; made on write [public]';
DROP FUNCTION geometry_text(text);

-- What people look units up by: a code, and how large they are.
CREATE INDEX asset_exact_code ON asset (code);
CREATE INDEX asset_kind_area ON asset (kind, area_m2);

-- The counters that do not say how many features there are.
CREATE FUNCTION miscounted()
RETURNS TABLE (park_id uuid, collection text, is_public boolean, n bigint, features bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT park_id, collection, is_public, coalesce(k.n, 0), coalesce(c.n, 0)
  FROM counter AS k FULL JOIN (
    SELECT park_id, c.collection, listing = 'published' AS is_public, count(*) AS n
    FROM asset CROSS JOIN LATERAL collections_of(kind, geom, label, availability) AS c (collection)
    WHERE retired_on IS NULL GROUP BY 1, 2, 3
    UNION ALL SELECT coalesce(zone_of, id), 'parks', true, count(*) FROM park_visible GROUP BY 1
  ) AS c USING (park_id, collection, is_public)
  WHERE coalesce(k.n, 0) <> coalesce(c.n, 0)
$$;
REVOKE ALL ON FUNCTION miscounted() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION miscounted() TO panhuo_app;

-- Sets them right, and makes every state another: features may have been written anew, and no answer kept elsewhere is
-- to outlive that. Acts that have counted are waited for, and whoever counts later adds to what stands here then.
CREATE FUNCTION recount() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = panhuo, public, pg_temp AS $$
BEGIN
  LOCK TABLE counter IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO counter (park_id, collection, is_public, n)
    SELECT park_id, collection, is_public, features FROM miscounted()
    ON CONFLICT (park_id, collection, is_public) DO UPDATE SET n = excluded.n;
  UPDATE counter SET version = version + 1;
  UPDATE tile_version SET version = version + 1;
END $$;
REVOKE ALL ON FUNCTION recount() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recount() TO panhuo_app;
