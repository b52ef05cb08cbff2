-- Somebody checked that a listing is still true, and says how; one that nobody checked for long lapses: it leaves what
-- the public is shown in lists, maps, counters and rankings, and is still found by its id. Decision 0030.

SET search_path = panhuo, public;

ALTER TABLE park ADD COLUMN lapse_after_days integer NOT NULL DEFAULT 90
  CONSTRAINT park_lapse_days_range CHECK (lapse_after_days BETWEEN 0 AND 3650);
ALTER TABLE zone ADD COLUMN lapse_after_days integer
  CONSTRAINT zone_lapse_days_range CHECK (lapse_after_days BETWEEN 0 AND 3650);
ALTER TABLE history.park ADD COLUMN lapse_after_days integer;
COMMENT ON COLUMN park.lapse_after_days IS
  'Days on offer without a check after which a listing lapses; 0: never [public]';
COMMENT ON COLUMN zone.lapse_after_days IS 'The same there; NULL: as the park [public]';
SELECT make_past('park');
CREATE OR REPLACE VIEW park_visible AS
  SELECT id, NULL::uuid AS zone_of, code, name_zh, name_en, boundary, leading_industries, negative_list,
    is_chemical_park, illustrative, revision, feature, policies, lapse_after_days FROM park
  UNION ALL
  SELECT z.id, z.park_id, z.code, z.name_zh, z.name_en, z.boundary,
         coalesce(z.leading_industries, p.leading_industries), coalesce(z.negative_list, p.negative_list),
           coalesce(z.is_chemical_park, p.is_chemical_park), z.illustrative, z.revision, z.feature,
           coalesce(z.policies, p.policies), coalesce(z.lapse_after_days, p.lapse_after_days)
  FROM zone AS z JOIN park AS p ON p.id = z.park_id;
UPDATE park SET feature = '{"type":"Feature","id":"' || v.id || '","geometry":' || ST_AsGeoJSON(v.boundary, 7)
  || ',"properties":' || (SELECT row_to_json(p)::text FROM (SELECT v.zone_of, v.code, v.name_zh, v.name_en,
    v.leading_industries, v.negative_list, v.is_chemical_park, v.policies, v.lapse_after_days, v.illustrative,
    v.revision) AS p) || '}'
FROM park_visible AS v WHERE v.id = park.id;
UPDATE zone SET feature = '{"type":"Feature","id":"' || v.id || '","geometry":' || ST_AsGeoJSON(v.boundary, 7)
  || ',"properties":' || (SELECT row_to_json(p)::text FROM (SELECT v.zone_of, v.code, v.name_zh, v.name_en,
    v.leading_industries, v.negative_list, v.is_chemical_park, v.policies, v.lapse_after_days, v.illustrative,
    v.revision) AS p) || '}'
FROM park_visible AS v WHERE v.id = zone.id;

ALTER TABLE asset
  ADD COLUMN checked_on date,
  ADD COLUMN lapsed_on date,
  ADD COLUMN is_lapsed boolean NOT NULL GENERATED ALWAYS AS (lapsed_on IS NOT NULL) STORED,
  ADD COLUMN offered_on date,
  ADD COLUMN checked_how text CONSTRAINT checked_how_known CHECK (checked_how IN ('seen', 'told', 'file')),
  ADD COLUMN checked_by uuid,
  ADD COLUMN check_note text CONSTRAINT check_note_length CHECK (length(check_note) BETWEEN 1 AND 4000),
  ADD CONSTRAINT check_has_its_account_and_day
    CHECK (num_nulls(checked_on, checked_how, checked_by) IN (0, 3) AND (check_note IS NULL OR checked_on IS NOT NULL)),
  ADD CONSTRAINT lapsed_only_on_offer CHECK (lapsed_on IS NULL OR availability = 'available');
ALTER TABLE history.asset
  ADD COLUMN checked_on date,
  ADD COLUMN checked_how text,
  ADD COLUMN checked_by uuid,
  ADD COLUMN check_note text;
COMMENT ON COLUMN asset.checked_on IS
  'Last day on which somebody checked that its listing is true (核验日); NULL: nobody has yet [public]';
COMMENT ON COLUMN asset.lapsed_on IS
  'Day on which its listing lapsed (久未核验), as nobody had checked it for long; NULL: it has not [public]';
COMMENT ON COLUMN asset.is_lapsed IS 'Whether its listing has lapsed; derived [public]';
COMMENT ON COLUMN asset.offered_on IS
  'First day of its present time on offer, from which the days without a check count; NULL: it is not on offer [owner]';
COMMENT ON COLUMN asset.checked_how IS
  'How it was checked: seen on the spot, told by who knows it, or by a file; NULL: not yet [staff]';
COMMENT ON COLUMN asset.checked_by IS 'Account that recorded the check; NULL: none yet [staff]';
COMMENT ON COLUMN asset.check_note IS 'What was noted at the check; NULL: nothing [staff]';
-- The days without a check count from the upgrade for what is on offer then.
UPDATE asset SET offered_on = (now() AT TIME ZONE 'Asia/Shanghai')::date WHERE availability = 'available';

-- As `store/features.py` asks them.
DROP INDEX asset_published, asset_drawn, asset_on_offer;
CREATE INDEX asset_published ON asset (kind, id) WHERE (listing = 'published') IS TRUE AND lapsed_on IS NULL;
CREATE INDEX asset_drawn ON asset (kind, id)
  WHERE (listing = 'published') IS TRUE AND lapsed_on IS NULL AND geom IS NOT NULL;
CREATE INDEX asset_on_offer ON asset (kind, id) WHERE availability = 'available' AND lapsed_on IS NULL;
CREATE INDEX asset_lapsed ON asset (lapsed_on, id) WHERE lapsed_on IS NOT NULL;

SELECT make_past('asset');
SELECT make_asset_readers();
UPDATE asset SET feature = asset_feature(asset) WHERE feature IS NOT NULL;

-- A lapsed unit is in no collection on offer, and in the others as one that its staff alone see.
CREATE OR REPLACE FUNCTION note_units() RETURNS trigger LANGUAGE plpgsql
SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  units shown_unit[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    units := ARRAY(SELECT (1, park_id, kind, geom, label, CASE WHEN lapsed_on IS NULL THEN availability END,
        listing = 'published' AND lapsed_on IS NULL)::shown_unit
      FROM shown_after WHERE retired_on IS NULL);
  ELSIF TG_OP = 'DELETE' THEN
    units := ARRAY(SELECT (-1, park_id, kind, geom, label, CASE WHEN lapsed_on IS NULL THEN availability END,
        listing = 'published' AND lapsed_on IS NULL)::shown_unit
      FROM shown_before WHERE retired_on IS NULL);
  ELSE
    units := ARRAY(
      SELECT (d.n, d.park_id, d.kind, d.geom, d.label, CASE WHEN d.lapsed_on IS NULL THEN d.availability END,
        d.listing = 'published' AND d.lapsed_on IS NULL)::shown_unit
      FROM shown_before AS b JOIN shown_after AS a ON a.park_id = b.park_id AND a.id = b.id CROSS JOIN LATERAL (
        SELECT -1 AS n, b.park_id, b.kind, b.geom, b.label, b.availability, b.listing, b.lapsed_on
          WHERE b.retired_on IS NULL
        UNION ALL SELECT 1, a.park_id, a.kind, a.geom, a.label, a.availability, a.listing, a.lapsed_on
          WHERE a.retired_on IS NULL
      ) AS d
      WHERE (b.flat, b.listing, b.availability, b.retired_on, b.lapsed_on) IS DISTINCT FROM
        (a.flat, a.listing, a.availability, a.retired_on, a.lapsed_on)
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

CREATE OR REPLACE FUNCTION miscounted()
RETURNS TABLE (park_id uuid, collection text, is_public boolean, n bigint, features bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT park_id, collection, is_public, coalesce(k.n, 0), coalesce(c.n, 0)
  FROM counter AS k FULL JOIN (
    SELECT park_id, c.collection, listing = 'published' AND lapsed_on IS NULL AS is_public, count(*) AS n
    FROM asset CROSS JOIN LATERAL
      collections_of(kind, geom, label, CASE WHEN lapsed_on IS NULL THEN availability END) AS c (collection)
    WHERE retired_on IS NULL GROUP BY 1, 2, 3
    UNION ALL SELECT coalesce(zone_of, id), 'parks', true, count(*) FROM park_visible GROUP BY 1
  ) AS c USING (park_id, collection, is_public)
  WHERE coalesce(k.n, 0) <> coalesce(c.n, 0)
$$;

ALTER TABLE batch
  ADD COLUMN checked integer NOT NULL DEFAULT 0,
  DROP CONSTRAINT batch_counts,
  ADD CONSTRAINT batch_counts CHECK (least(registered, amended, published, withdrawn, voided, checked) >= 0
    AND registered + amended + published + withdrawn + voided + checked > 0);
COMMENT ON COLUMN batch.checked IS 'Units whose listing was checked [staff]';
