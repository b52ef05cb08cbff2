-- name: land_ends_on
-- $1 park, $2 units: the earliest day on which the right to the land they are or stand on ends; null where none is
-- known.
WITH RECURSIVE along (id) AS (
  SELECT id FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION
  SELECT coalesce(a.parent_id, a.plot_id) FROM along JOIN asset AS a ON a.park_id = $1 AND a.id = along.id
  WHERE coalesce(a.parent_id, a.plot_id) IS NOT NULL
)
SELECT min(a.term_ends_on) FROM along JOIN asset AS a ON a.park_id = $1 AND a.id = along.id;

-- name: head_lease_ends_on
-- $1 park, $2 units, $3 tenant who lets on, $4 first day: the last day of that tenant's own lease; null: open-ended,
-- or none recorded.
WITH RECURSIVE along (unit_id, id) AS (
  SELECT id, unnest(id || previously_part_of) FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL
  SELECT along.unit_id, a.parent_id FROM along JOIN asset AS a ON a.park_id = $1 AND a.id = along.id
    WHERE a.parent_id IS NOT NULL
), own AS (
  SELECT max(coalesce(upper(t.during), 'infinity')) AS ends_before FROM along
  JOIN tenancy AS t ON t.park_id = $1 AND t.asset_id = along.id AND t.firm_id = $3 AND NOT t.is_corrected
    AND t.during @> $4::date
  GROUP BY along.unit_id
)
SELECT nullif(min(ends_before), 'infinity') - 1 FROM own;

-- name: investments
-- $1 park, $2 units: how the land of each is held, the share of the agreed investment that is made, and whether a
-- completed building is it or stands on it. What a unit does not say itself, the unit above it says, then the plot it
-- stands on.
WITH RECURSIVE along (unit_id, id, depth) AS (
  SELECT id, id, 0 FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL
  SELECT along.unit_id, coalesce(a.parent_id, a.plot_id), along.depth + 1 FROM along
    JOIN asset AS a ON a.park_id = $1 AND a.id = along.id
  WHERE coalesce(a.parent_id, a.plot_id) IS NOT NULL
), below (unit_id, id) AS (
  SELECT id, id FROM asset WHERE park_id = $1 AND id = ANY ($2) AND kind = 'land'
  UNION ALL
  SELECT below.unit_id, a.id FROM below JOIN asset AS a ON a.park_id = $1 AND a.parent_id = below.id
)
SELECT u.id, u.kind,
  (SELECT a.land_right FROM along JOIN asset AS a ON a.park_id = $1 AND a.id = along.id
   WHERE along.unit_id = u.id AND a.land_right IS NOT NULL ORDER BY along.depth LIMIT 1) AS land_right,
  (SELECT d.invested_yuan / d.planned_investment_yuan FROM along
    JOIN development AS d ON d.park_id = $1 AND d.asset_id = along.id
   WHERE along.unit_id = u.id AND d.invested_yuan IS NOT NULL AND d.planned_investment_yuan IS NOT NULL
   ORDER BY along.depth LIMIT 1) AS invested_share,
  EXISTS (SELECT FROM along JOIN asset AS a ON a.park_id = $1 AND a.id = along.id
    WHERE along.unit_id = u.id AND a.kind = 'factory' AND (a.completed_on IS NOT NULL OR a.title_is_registered))
  OR EXISTS (SELECT FROM below JOIN asset AS a ON a.park_id = $1 AND a.plot_id = below.id
    WHERE below.unit_id = u.id AND (a.completed_on IS NOT NULL OR a.title_is_registered)) AS is_built
FROM asset AS u WHERE u.park_id = $1 AND u.id = ANY ($2) ORDER BY u.id;

-- name: tenants
-- $1 park, $2 leaves, $3 day, $4 firm that is none: who sits in these buildings as a tenant on that day, or may, its
-- term being over and nothing said; of a space let on, who let it on.
SELECT DISTINCT CASE WHEN o.path = 'sublease' THEN o.owner_firm_id ELSE c.holder_id END AS firm_id
FROM occupancy AS c
JOIN asset AS a ON a.park_id = c.park_id AND a.id = c.leaf_id AND a.kind = 'factory'
JOIN outcome AS o ON o.park_id = c.park_id AND o.id = c.source_id
WHERE c.park_id = $1 AND c.leaf_id = ANY ($2) AND c.claim = 'use' AND c.source_kind = 'tenancy'
  AND (c.during @> $3::date OR lower(c.during) <= $3 AND EXISTS (
    SELECT FROM tenancy AS t WHERE t.park_id = $1 AND t.outcome_id = c.source_id
      AND tenancy_state(t, $3) = 'to_verify'))
  AND CASE WHEN o.path = 'sublease' THEN o.owner_firm_id ELSE c.holder_id END <> $4
ORDER BY 1;
