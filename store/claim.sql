-- name: leaves
-- $1 park, $2 deal: the leaves it takes.
SELECT leaf_id FROM leaves_of_deal($1, $2) ORDER BY leaf_id;

-- name: days_for_deal
-- $1 park, $2 leaves, $3 day: the days from that one on for which a new deal can have each leaf, save those of deals
-- that are over; what is under way, the constraint refuses.
WITH over AS (
  SELECT o.leaf_id, range_agg(o.during) AS during FROM occupancy AS o
  WHERE o.park_id = $1 AND o.leaf_id = ANY ($2) AND o.claim = 'deal' AND NOT EXISTS (SELECT FROM occupancy AS u
    WHERE u.park_id = $1 AND u.leaf_id = o.leaf_id AND u.source_id = o.source_id AND u.claim = 'deal'
      AND upper_inf(u.during))
  GROUP BY o.leaf_id
)
SELECT array_agg(l.leaf_id ORDER BY l.leaf_id) AS leaf_ids, lower(days) AS starts_on, upper(days) AS ends_before
FROM unnest($2::uuid[]) AS l (leaf_id) LEFT JOIN over ON over.leaf_id = l.leaf_id
CROSS JOIN LATERAL unnest(datemultirange(daterange($3, NULL)) - coalesce(over.during, '{}')) AS days
GROUP BY 2, 3 ORDER BY 2, 3;

-- name: is_in_pieces
-- $1 park, $2 deal: whether it has a leaf before and after another deal.
SELECT EXISTS (SELECT FROM occupancy WHERE park_id = $1 AND source_id = $2 AND claim = 'deal' GROUP BY leaf_id
  HAVING count(*) > 1);

-- name: clash
-- $1 park, $2 deal, $3 leaves, $4 claim, $5 from day, $6 to day, excluded, or null: what stands against the deal's
-- claim: on leaves it does not name, a building it takes with its plot and that another has then, or a root that
-- overlaps one of theirs and of which another has a leaf then; a leaf that others became, on a day before, and use
-- that would go on where its leaf has become another.
WITH leaf AS MATERIALIZED (SELECT id, root_id FROM asset WHERE park_id = $1 AND id = ANY ($3)),
own AS MATERIALIZED (
  SELECT DISTINCT a.root_id FROM outcome_asset AS n JOIN asset AS a ON a.park_id = $1 AND a.id = n.asset_id
  WHERE n.park_id = $1 AND n.outcome_id = $2
), rival AS MATERIALIZED (
  SELECT DISTINCT v.id, v.code FROM asset AS mine
  JOIN asset_visible AS v ON v.park_id = $1 AND v.root_id = v.id AND v.level = mine.level AND v.id <> mine.id
    AND v.geom && mine.geom
  WHERE mine.park_id = $1 AND mine.id = ANY (ARRAY(SELECT root_id FROM leaf))
    AND overlap_share(mine.geom, v.geom) > 0.05
    AND NOT EXISTS (SELECT FROM separation AS s
      WHERE s.park_id = $1 AND s.asset_id = least(mine.id, v.id) AND s.other_id = greatest(mine.id, v.id))
)
SELECT 'building_taken' AS code, root.code AS other
FROM leaf JOIN asset AS root ON root.park_id = $1 AND root.id = leaf.root_id
JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = leaf.id AND o.claim = $4 AND o.during && daterange($5, $6)
WHERE leaf.root_id NOT IN (SELECT root_id FROM own) AND o.source_id <> $2
UNION ALL
SELECT 'overlapping_taken', rival.code
FROM rival JOIN asset AS a ON a.park_id = $1 AND a.root_id = rival.id
JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = a.id AND o.claim = $4 AND o.during && daterange($5, $6)
  AND o.source_id <> $2
UNION ALL
SELECT 'not_yet_merged', a.code FROM leaf JOIN asset AS a ON a.park_id = $1 AND a.id = leaf.id
WHERE EXISTS (SELECT FROM asset AS r WHERE r.park_id = $1 AND r.id = ANY (a.previously_part_of) AND r.retired_on > $5)
UNION ALL
SELECT 'merged_since', a.code FROM occupancy AS o JOIN asset AS a ON a.park_id = $1 AND a.id = o.leaf_id
WHERE o.park_id = $1 AND o.source_id = $2 AND o.source_kind = 'tenancy' AND o.claim = $4 AND upper(o.during) = $5
  AND a.retired_on < coalesce($6, 'infinity')
ORDER BY code, other LIMIT 1;

-- name: taken_whole
-- $1 park, $2 units, $3 day: those that a deal has whole, by their own name, by one above them or with the plot they
-- stand on, and a claim that stands on that day or later.
SELECT whole.id FROM asset AS whole WHERE whole.park_id = $1 AND whole.id = ANY ($2) AND EXISTS (
  WITH RECURSIVE above (id, parent_id, previously) AS (
    SELECT whole.id, whole.parent_id, whole.previously_part_of
    UNION ALL SELECT a.id, a.parent_id, a.previously_part_of
    FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
  )
  SELECT FROM asset AS leaf JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = leaf.id AND claim_stands(o, $3)
  WHERE leaf.park_id = $1 AND leaf.root_id = whole.root_id AND (
    EXISTS (SELECT FROM outcome_asset AS n JOIN above ON n.asset_id = above.id OR n.asset_id = ANY (above.previously)
      WHERE n.park_id = $1 AND n.outcome_id = o.source_id)
    OR NOT EXISTS (SELECT FROM outcome_asset AS n JOIN asset AS u ON u.park_id = $1 AND u.id = n.asset_id
      WHERE n.park_id = $1 AND n.outcome_id = o.source_id AND u.root_id = leaf.root_id)));

-- name: taken_with_plot
-- $1 park, $2 building, $3 day: whether a deal on its plot has taken it along, with a claim that stands on that day or
-- later.
SELECT EXISTS (
  SELECT FROM asset AS leaf JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = leaf.id AND claim_stands(o, $3)
  WHERE leaf.park_id = $1 AND leaf.root_id = $2 AND NOT EXISTS (
    SELECT FROM outcome_asset AS n JOIN asset AS u ON u.park_id = $1 AND u.id = n.asset_id
    WHERE n.park_id = $1 AND n.outcome_id = o.source_id AND u.root_id = $2));

-- name: lacking
-- $1 park, $2 roots of buildings, $3 day: what deals on their plots claim there on that day or later, for every leaf
-- of these buildings that the deal takes and has not claimed: as on the parts the building lies on, where it lies on
-- any.
WITH building AS MATERIALIZED (
  SELECT id, plot_id, geom FROM asset WHERE park_id = $1 AND id = ANY ($2) AND plot_id IS NOT NULL
), claimed AS MATERIALIZED (
  SELECT building.id AS building_id, coalesce(outlines_meet(building.geom, leaf.geom), false) AS is_met, o.claim,
    o.source_kind, o.source_id, o.holder_id, o.during
  FROM building JOIN asset AS leaf ON leaf.park_id = $1 AND leaf.root_id = building.plot_id
  JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = leaf.id AND claim_stands(o, $3)
), deal AS (
  SELECT building_id, source_id, bool_or(is_met) AS is_met FROM claimed GROUP BY building_id, source_id
)
SELECT taken.leaf_id, c.claim, c.source_kind, c.source_id, c.holder_id, lower(days) AS starts_on,
  upper(days) AS ends_before
FROM deal CROSS JOIN LATERAL leaves_of_deal($1, deal.source_id) AS taken
JOIN asset AS leaf ON leaf.park_id = $1 AND leaf.id = taken.leaf_id AND leaf.root_id = deal.building_id
CROSS JOIN LATERAL (
  SELECT claim, source_kind, source_id, holder_id, range_agg(during) AS during FROM claimed
  WHERE claimed.building_id = deal.building_id AND claimed.source_id = deal.source_id
    AND (claimed.is_met OR NOT deal.is_met)
  GROUP BY claim, source_kind, source_id, holder_id
) AS c CROSS JOIN LATERAL unnest(c.during) AS days
WHERE NOT EXISTS (SELECT FROM occupancy AS o
  WHERE o.park_id = $1 AND o.leaf_id = taken.leaf_id AND o.source_id = deal.source_id)
ORDER BY taken.leaf_id, c.source_id, c.claim, days;

-- name: past_of_whole
-- $1 park, $2 a part just registered: what deals on a whole above it have claimed until now, as on the first of its
-- sisters, and on the first of those that became it.
WITH RECURSIVE above (id, parent_id) AS (
  SELECT id, parent_id FROM asset WHERE park_id = $1
    AND id = (SELECT parent_id FROM asset WHERE park_id = $1 AND id = $2)
  UNION ALL SELECT a.id, a.parent_id FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
), below (id, is_leaf) AS (
  SELECT c.id, c.is_leaf FROM asset AS a JOIN asset AS c ON c.park_id = $1 AND c.parent_id = a.parent_id AND c.id <> $2
  WHERE a.park_id = $1 AND a.id = $2
  UNION ALL SELECT c.id, c.is_leaf FROM below JOIN asset AS c ON c.park_id = $1 AND c.parent_id = below.id
)
SELECT o.claim, o.source_kind, o.source_id, o.holder_id, lower(o.during) AS starts_on, upper(o.during) AS ends_before
FROM (SELECT a.id, a.previously_part_of[1] AS first_id FROM below JOIN asset AS a ON a.park_id = $1 AND a.id = below.id
  WHERE a.is_leaf AND a.retired_on IS NULL ORDER BY a.id LIMIT 1) AS sister
JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id IN (sister.id, sister.first_id)
WHERE EXISTS (
  SELECT FROM outcome_asset AS n JOIN above ON above.id = n.asset_id
    WHERE n.park_id = $1 AND n.outcome_id = o.source_id)
ORDER BY starts_on, o.id;

-- name: on_leaves
-- $1 park, $2 leaves: what was, is and will be claimed there.
SELECT id, leaf_id, claim, source_kind, source_id, holder_id, lower(during) AS starts_on, upper(during) AS ends_before
FROM occupancy WHERE park_id = $1 AND leaf_id = ANY ($2) ORDER BY leaf_id, lower(during), claim, id;

-- name: let_go
-- $1 park, $2 leaves, $3 day or null: what is claimed from that day on, or all, is so there no more.
WITH cut AS (
  UPDATE occupancy SET during = daterange(lower(during), $3) WHERE park_id = $1 AND leaf_id = ANY ($2)
    AND lower(during) < $3 AND (upper(during) IS NULL OR upper(during) > $3)
)
DELETE FROM occupancy WHERE park_id = $1 AND leaf_id = ANY ($2) AND ($3::date IS NULL OR lower(during) >= $3);

-- name: restore
-- $1 park, $2 leaves, $3 instant of an act: what was claimed there until that act.
INSERT INTO occupancy AS o (park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during)
SELECT park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during FROM history.occupancy
WHERE park_id = $1 AND leaf_id = ANY ($2) AND superseded_at = $3
ON CONFLICT (park_id, id) DO UPDATE SET during = excluded.during;

-- name: to_verify
-- $1 park, $2 units, $3 day: those of a tenancy past its end of which nobody said how it ended.
SELECT v.id FROM units_to_verify($1, ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)), $3) AS v
WHERE v.id = ANY ($2) ORDER BY v.id;

-- name: under_way
-- $1 park, $2 leaves, $3 day: those on which a deal is under way on that day or later: it has yet to claim their use.
SELECT DISTINCT leaf_id FROM occupancy
WHERE park_id = $1 AND leaf_id = ANY ($2) AND (claim = 'deal' OR source_kind = 'reservation')
  AND (upper(during) IS NULL OR upper(during) > $3)
ORDER BY leaf_id;
