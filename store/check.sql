-- Filled in by store/check.py: {days}, after how many days without a check the listing of the unit a lapses; {due}, that
-- these are over.

-- name: check
-- $1 park, $2 units, $3 day of the check, $4 how, $5 account, $6 note or null: their listings are true again from then
-- on, and have not lapsed.
UPDATE asset SET checked_on = $3, checked_how = $4, checked_by = $5, check_note = $6, lapsed_on = NULL,
  revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = ANY ($2);

-- name: too_old
-- $1 park, $2 units, $3 day of a check, $4 today: of the lapsed ones among them those whose days would be over again.
SELECT a.id FROM asset AS a
WHERE a.park_id = $1 AND a.id = ANY ($2) AND a.lapsed_on IS NOT NULL AND {days} > 0
  AND greatest(a.offered_on, $3) + {days} <= $4;

-- name: days
-- The days of the zone, where it says so, else of the park.
coalesce((SELECT z.lapse_after_days FROM zone AS z WHERE z.park_id = a.park_id AND z.id = a.zone_id),
  (SELECT p.lapse_after_days FROM park AS p WHERE p.id = a.park_id));

-- name: due
-- $1 today: of the unit a, on offer and not lapsed yet.
a.availability = 'available' AND a.lapsed_on IS NULL AND {days} > 0
  AND greatest(a.offered_on, a.checked_on) + {days} <= $1;

-- name: unchecked
-- $1 today: by park the units whose listings lapse.
SELECT a.park_id, array_agg(a.id ORDER BY a.id) AS ids FROM asset AS a WHERE {due}
GROUP BY a.park_id ORDER BY a.park_id;

-- name: lapse
-- $1 today, $2 park, $3 units: those of them whose listings lapse.
UPDATE asset AS a SET lapsed_on = $1, revision = revision + 1, changed_at = act_at()
WHERE a.park_id = $2 AND a.id = ANY ($3) AND {due}
RETURNING a.id;
