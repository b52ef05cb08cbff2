-- A unit is split into parts of its own; parts of one whole become one. What is past stays told of the same ground.

SET search_path = panhuo, public;

ALTER TABLE asset
  ADD COLUMN retired_on date,
  ADD COLUMN previously_part_of uuid[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT retired_is_off_offer CHECK (retired_on IS NULL OR listing <> 'published'),
  ADD CONSTRAINT retired_has_no_parts CHECK (retired_on IS NULL OR is_leaf),
  ADD CONSTRAINT only_parts_are_merged
    CHECK (parent_id IS NOT NULL OR retired_on IS NULL AND previously_part_of = '{}');
ALTER TABLE history.asset ADD COLUMN retired_on date, ADD COLUMN previously_part_of uuid[] DEFAULT '{}';
COMMENT ON COLUMN asset.retired_on IS
  'Day it became one with others: from then on it is no unit any more; NULL: it is one [public]';
COMMENT ON COLUMN asset.previously_part_of IS
  'Retired units that became it, whose past is its own: those merged first, then what these came of [staff]';
CREATE INDEX asset_retired ON asset (park_id, id) WHERE retired_on IS NOT NULL;

ALTER TABLE batch
  DROP CONSTRAINT batch_kind,
  ADD CONSTRAINT batch_kind CHECK (kind IN ('import', 'change', 'undo', 'split', 'merge'));
COMMENT ON COLUMN batch.kind IS
  'import: of a file; change: of a request; undo: of another batch; split: of a unit; merge: of units [staff]';
COMMENT ON COLUMN batch.amended IS 'Units whose facts changed, those that were merged among them [staff]';

-- A verdict moves to the parts of its leaf, and back: what is taken away stays in the twin.
GRANT DELETE ON revival TO panhuo_app;
CREATE TRIGGER keep_past_of_moved BEFORE DELETE ON revival FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason);
CREATE INDEX past_occupancy_source ON history.occupancy (park_id, source_id);
CREATE INDEX past_occupancy_leaf ON history.occupancy (park_id, leaf_id);

-- The leaves a deal takes: those at or below its units, those that retired ones among them have become and, unless it
-- is about land alone, those of the buildings on them: all on a plot, and of a part those its outline meets.
CREATE OR REPLACE FUNCTION leaves_of_deal(park uuid, deal uuid) RETURNS TABLE (leaf_id uuid) LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE named AS (
    SELECT a.id, a.is_leaf AND a.retired_on IS NULL AS is_leaf, a.root_id, a.kind, a.geom, a.retired_on,
      o.is_land_alone
    FROM outcome AS o JOIN outcome_asset AS n ON n.park_id = park AND n.outcome_id = o.id
      JOIN asset AS a ON a.park_id = park AND a.id = n.asset_id
    WHERE o.park_id = park AND o.id = deal
  ), taken (id, is_leaf) AS (
    SELECT named.id, named.is_leaf FROM named
    UNION
    SELECT m.id, m.is_leaf AND m.retired_on IS NULL FROM named JOIN asset AS m ON m.park_id = park
      AND m.root_id = named.root_id AND named.id = ANY (m.previously_part_of)
    WHERE named.retired_on IS NOT NULL
    UNION
    SELECT b.id, b.is_leaf FROM named JOIN asset AS b ON b.park_id = park AND b.plot_id = named.root_id
    WHERE named.kind = 'land' AND NOT named.is_land_alone
      AND (named.id = named.root_id OR outlines_meet(named.geom, b.geom))
    UNION
    SELECT a.id, a.is_leaf AND a.retired_on IS NULL
    FROM taken JOIN asset AS a ON a.park_id = park AND a.parent_id = taken.id
  )
  SELECT taken.id FROM taken WHERE taken.is_leaf ORDER BY taken.id
$$;

-- Units of tenancies past their end of which nobody said whether the tenant left, stays or renewed, as they are since
-- any of them became one with others; of a tenancy on land, the buildings that its deal took with it, too. Roots NULL:
-- every tree of the park.
CREATE OR REPLACE FUNCTION units_to_verify(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unsaid AS (
    SELECT t.outcome_id, a.id, a.root_id, a.kind, a.retired_on FROM tenancy AS t JOIN asset AS a
      ON a.park_id = t.park_id AND a.id = t.asset_id
    WHERE t.park_id = park AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected
      AND NOT upper_inf(t.during)
      AND upper(t.during) <= day
  ), below AS (
    SELECT unsaid.id FROM unsaid WHERE roots IS NULL OR unsaid.root_id = ANY (roots)
    UNION
    SELECT m.id FROM unsaid JOIN asset AS m ON m.park_id = park AND m.root_id = unsaid.root_id
      AND unsaid.id = ANY (m.previously_part_of)
    WHERE unsaid.retired_on IS NOT NULL AND (roots IS NULL OR unsaid.root_id = ANY (roots))
    UNION
    SELECT b.id FROM unsaid CROSS JOIN LATERAL leaves_of_deal(park, unsaid.outcome_id) AS l
      JOIN asset AS b ON b.park_id = park AND b.id = l.leaf_id
    WHERE unsaid.kind = 'land' AND b.root_id <> unsaid.root_id AND (roots IS NULL OR b.root_id = ANY (roots))
      AND EXISTS (SELECT FROM asset AS on_it WHERE on_it.park_id = park AND on_it.plot_id = unsaid.root_id
        AND (roots IS NULL OR on_it.id = ANY (roots)))
    UNION
    SELECT a.id FROM below JOIN asset AS a ON a.park_id = park AND a.parent_id = below.id
  )
  SELECT below.id FROM below
  WHERE NOT EXISTS (SELECT FROM asset AS r WHERE r.park_id = park AND r.id = below.id AND r.retired_on IS NOT NULL)
$$;

SELECT make_past('asset');
SELECT make_asset_readers();
UPDATE asset SET feature = asset_feature(asset) WHERE feature IS NOT NULL;
