-- name: home
-- $1 tenancy: the park and the deal it is of. Read as the service, to find the scope of an act.
SELECT park_id, outcome_id FROM tenancy WHERE id = $1;

-- name: lock
-- $1 park, $2 tenancy, $3 today: how it stands, locked.
SELECT id, outcome_id, asset_id, firm_id, lower(during) AS starts_on, upper(during) AS ends_before, handed_over_on,
  tenancy_state(tenancy, $3) AS state, revision
FROM tenancy WHERE park_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: leave
-- $1 park, $2 deal, $3 last day, $4 day after the last of the term: its tenants leave; the term ends no later than
-- they do.
UPDATE tenancy SET left_on = $3, during = daterange(lower(during), least($4::date, $3::date + 1)),
  revision = revision + 1
WHERE park_id = $1 AND outcome_id = $2 AND NOT is_corrected;

-- name: stay
-- $1 park, $2 deal: its tenants stay without a term.
UPDATE tenancy SET stays_since = upper(during), during = daterange(lower(during), NULL), noticed_days = NULL,
  revision = revision + 1
WHERE park_id = $1 AND outcome_id = $2 AND NOT is_corrected;

-- name: renew
-- $1 park, $2 deal, $3 first day of what renews its tenancies; null: nothing does any more.
UPDATE tenancy SET renewed_from = $3, noticed_days = NULL, revision = revision + 1
  WHERE park_id = $1 AND outcome_id = $2 AND NOT is_corrected;

-- name: renewed
-- $1 park, $2 tenancy: the deal it is of, and what is known of a renewal of it.
SELECT outcome_id, renewed_from, upper(during) AS ends_before FROM tenancy
  WHERE park_id = $1 AND id = $2 AND NOT is_corrected;

-- name: followers
-- $1 park, $2 leaves, $3 deal, $4 day: the deals of others that have the use of these leaves from that day on or
-- later.
SELECT DISTINCT source_id FROM occupancy
WHERE park_id = $1 AND leaf_id = ANY ($2) AND claim = 'use' AND source_id <> $3 AND lower(during) >= $4
  ORDER BY source_id;

-- name: make_way
-- $1 park, $2 deal, $3 day after its last until now, $4 the same from now on: what follows it there begins that day,
-- save where someone has moved in before; the deals that were moved.
UPDATE occupancy AS o SET during = daterange($4, upper(o.during))
FROM occupancy AS own
WHERE own.park_id = $1 AND own.source_id = $2 AND own.source_kind = 'tenancy' AND upper(own.during) = $3
  AND o.park_id = $1 AND o.leaf_id = own.leaf_id AND o.claim = 'use' AND o.source_kind IN ('tenancy', 'reservation')
    AND o.source_id <> $2
  AND lower(o.during) >= $3 AND lower(o.during) < $4 AND (upper(o.during) IS NULL OR upper(o.during) > $4)
  AND NOT EXISTS (SELECT FROM tenancy AS t WHERE t.park_id = $1 AND t.outcome_id = o.source_id AND NOT t.is_corrected
    AND t.handed_over_on < $4
    AND lower(t.during) > (SELECT min(lower(b.during)) FROM tenancy AS b
      WHERE b.park_id = $1 AND b.outcome_id = $2 AND NOT b.is_corrected))
RETURNING o.source_id;

-- name: move_end
-- $1 park, $2 deal, $3 day after its last until now, $4 the same from now on, null: open.
UPDATE occupancy SET during = daterange(lower(during), $4)
WHERE park_id = $1 AND source_id = $2 AND source_kind = 'tenancy' AND upper(during) = $3;

-- name: claimed_from
-- $1 park, $2 deal: the first day of its use, as claims say.
SELECT min(lower(during)) FROM occupancy WHERE park_id = $1 AND source_id = $2 AND source_kind = 'tenancy';

-- name: to_verify_before
-- $1 park, $2 deal, $3 its leaves, $4 its first day, $5 today: a tenancy before it, on one of these leaves, a whole
-- above, the plot below or a unit that overlaps theirs, of which nobody said how it ended; save that of the tenant who
-- lets on, in whose own term a sublease lies.
WITH own AS MATERIALIZED (
  SELECT DISTINCT root.id, root.level, root.geom FROM asset AS leaf
    JOIN asset AS root ON root.park_id = $1 AND root.id = leaf.root_id
  WHERE leaf.park_id = $1 AND leaf.id = ANY ($3)
), there AS MATERIALIZED (
  SELECT unnest($3::uuid[]) AS leaf_id
  UNION SELECT leaf.id FROM own JOIN asset AS rival ON rival.park_id = $1 AND rival.root_id = rival.id
    AND rival.level = own.level
    AND rival.id <> own.id AND rival.geom && own.geom AND overlap_share(own.geom, rival.geom) > 0.05
    AND NOT EXISTS (SELECT FROM separation AS s
      WHERE s.park_id = $1 AND s.asset_id = least(own.id, rival.id) AND s.other_id = greatest(own.id, rival.id))
  JOIN asset AS leaf ON leaf.park_id = $1 AND leaf.root_id = rival.id AND leaf.is_leaf
)
SELECT t.id, upper(t.during) - 1 AS ends_on FROM tenancy AS t
WHERE t.park_id = $1 AND t.outcome_id <> $2 AND lower(t.during) < $4 AND tenancy_state(t, $5) = 'to_verify'
  AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected AND NOT upper_inf(t.during)
    AND upper(t.during) <= $5
  AND NOT EXISTS (SELECT FROM outcome AS o WHERE o.park_id = $1 AND o.id = $2 AND o.path = 'sublease'
    AND o.owner_firm_id = t.firm_id
    AND upper(t.during) > $4)
  AND EXISTS (SELECT FROM leaves_of_deal($1, t.outcome_id) AS l JOIN there ON there.leaf_id = l.leaf_id)
ORDER BY t.id LIMIT 1;

-- name: first_of
-- $1 park, $2 tenancy: the first day of the first of those that it renews, one after the other.
WITH RECURSIVE earlier (id, starts_on) AS (
  SELECT t.id, lower(t.during) FROM tenancy AS t WHERE t.park_id = $1 AND t.id = $2
  UNION ALL SELECT b.id, lower(b.during) FROM earlier JOIN tenancy AS t ON t.park_id = $1 AND t.id = earlier.id
    JOIN outcome AS o ON o.park_id = $1 AND o.id = t.outcome_id
      JOIN tenancy AS b ON b.park_id = $1 AND b.id = o.renews_tenancy_id
)
SELECT min(starts_on) FROM earlier;

-- name: unnoticed
-- $1 today: parks with a tenancy whose end is near, or past with nothing said, and of which no event has told so.
SELECT DISTINCT park_id FROM tenancy
WHERE left_on IS NULL AND renewed_from IS NULL AND NOT is_corrected AND NOT upper_inf(during)
  AND upper(during) <= $1::date + 181
  AND (noticed_days IS NULL OR noticed_days > CASE
    WHEN upper(during) <= $1 THEN 0 WHEN upper(during) <= $1 + 31 THEN 30 WHEN upper(during) <= $1 + 91 THEN 90
      ELSE 180 END) ORDER BY park_id;

-- name: lock_unnoticed
-- $1 park, $2 today: those of one park, locked, and the instant after the last lock.
WITH locked AS MATERIALIZED (
  SELECT id FROM tenancy
  WHERE park_id = $1 AND left_on IS NULL AND renewed_from IS NULL AND NOT is_corrected AND NOT upper_inf(during)
    AND upper(during) <= $2::date + 181
    AND (noticed_days IS NULL OR noticed_days > CASE
      WHEN upper(during) <= $2 THEN 0 WHEN upper(during) <= $2 + 31 THEN 30 WHEN upper(during) <= $2 + 91 THEN 90
        ELSE 180 END)
  ORDER BY id FOR NO KEY UPDATE
)
SELECT array_agg(id) AS ids, clock_timestamp() AS at FROM locked;

-- name: notice
-- $1 park, $2 tenancies, $3 today: notes how near each end is; what readers see changes only where it is past.
UPDATE tenancy SET noticed_days = n.days, revision = revision + (n.days = 0)::int
FROM (SELECT t.id, CASE
    WHEN upper(t.during) <= $3 THEN 0 WHEN upper(t.during) <= $3 + 31 THEN 30 WHEN upper(t.during) <= $3 + 91 THEN 90
      ELSE 180 END AS days
  FROM tenancy AS t WHERE t.park_id = $1 AND t.id = ANY ($2)) AS n
WHERE tenancy.park_id = $1 AND tenancy.id = n.id
RETURNING tenancy.id, n.days, upper(during) - 1 AS ends_on, asset_id, firm_id, outcome_id;

-- name: visible
-- $1 tenancy: what the caller sees of it.
SELECT document, revision FROM tenancy_visible WHERE id = $1;

-- name: of_deal
-- $1 deal: the tenancies it made.
SELECT id FROM tenancy WHERE outcome_id = $1 AND NOT is_corrected ORDER BY id;

-- name: page
-- $1 park or null, $2 unit or null, $3 firm or null, $4 how it stands or null, $5 day after the last or null, $6
-- without an end or null, $7 after this id or null, $8 limit.
SELECT id, document FROM tenancy_visible
WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::uuid IS NULL OR asset_id = $2) AND ($3::uuid IS NULL OR firm_id = $3)
  AND ($4::text IS NULL OR state = $4) AND ($5::date IS NULL OR upper(during) <= $5)
    AND ($6::bool IS NULL OR upper_inf(during) = $6)
  AND ($7::uuid IS NULL OR id > $7) ORDER BY id LIMIT $8;
