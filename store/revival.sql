-- name: touched_leaves
-- $1 park, $2 leaves: these and every other leaf of the deals on them, since a whole counts by all its leaves; with
-- those that became any of them, and those they became, since what was in one was in the other.
WITH RECURSIVE above (asset_id, parent_id) AS (
  SELECT id, parent_id FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION SELECT a.id, a.parent_id FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
), below (id, is_leaf) AS (
  SELECT a.id, a.is_leaf FROM above JOIN outcome_asset AS u ON u.park_id = $1 AND u.asset_id = above.asset_id
  JOIN asset AS a ON a.park_id = $1 AND a.id = u.asset_id
  UNION SELECT a.id, a.is_leaf FROM below JOIN asset AS a ON a.park_id = $1 AND a.parent_id = below.id
), of_deals AS MATERIALIZED (
  SELECT id FROM below WHERE is_leaf UNION SELECT unnest($2::uuid[])
), touched AS MATERIALIZED (
  SELECT id FROM of_deals
  UNION SELECT m.id FROM of_deals JOIN asset AS a ON a.park_id = $1 AND a.id = of_deals.id AND a.retired_on IS NOT NULL
    JOIN asset AS m ON m.park_id = $1 AND m.root_id = a.root_id AND m.is_leaf AND a.id = ANY (m.previously_part_of)
)
SELECT id FROM touched
UNION SELECT unnest(a.previously_part_of) FROM touched JOIN asset AS a ON a.park_id = $1 AND a.id = touched.id;

-- name: deals
-- $1 park, $2 leaves: what is judged, a row for each leaf of a deal that has reached a day it may count on, or once
-- had.
WITH RECURSIVE above (leaf_id, asset_id, parent_id) AS (
  SELECT id, id, parent_id FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL SELECT above.leaf_id, a.id, a.parent_id FROM above
    JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
)
SELECT above.leaf_id, u.asset_id, u.outcome_id, u.kind, u.stated_area, u.stated_area_unit, u.is_illustrative,
  o.path, o.firm_id, o.opened_on, o.revived_on, o.revived_on_precision,
  o.stage IN ('withdrawn', 'rejected', 'corrected') AS is_given_up,
  EXISTS (SELECT FROM milestone AS m WHERE m.park_id = $1 AND m.outcome_id = o.id AND m.facts ? 'area_m2'
  AND NOT m.is_reversed) AS is_part,
  start.happened_on AS started_on, start.happened_on_precision AS started_on_precision,
  f.credit_code, f.parent_credit_code,
  least(o.recorded_at, (SELECT min(h.recorded_at) FROM history.outcome AS h WHERE h.park_id = $1 AND h.id = o.id)) AS
    opened_at
FROM above JOIN outcome_asset AS u ON u.park_id = $1 AND u.asset_id = above.asset_id
JOIN outcome AS o ON o.park_id = $1 AND o.id = u.outcome_id
JOIN firm_visible AS f ON f.id = o.firm_id
LEFT JOIN milestone AS start ON start.park_id = $1 AND start.outcome_id = o.id AND start.kind = 'construction_started'
  AND start.evidence IS NOT NULL AND NOT start.is_reversed
WHERE o.revived_on IS NOT NULL OR start.happened_on IS NOT NULL
  OR EXISTS (SELECT FROM revival AS r WHERE r.park_id = $1 AND r.outcome_id = o.id);

-- name: uses
-- $1 park, $2 leaves: who was in there from when to when, and the deal behind it. A term that is over frees nothing:
-- until somebody says that the tenant left or renewed, it goes on. A use that moved with a split, or back, was
-- known before where it moved from.
WITH RECURSIVE known (id, leaf_id, source_id, during, recorded_at) AS (
  SELECT id, leaf_id, source_id, during, recorded_at FROM occupancy
    WHERE park_id = $1 AND leaf_id = ANY ($2) AND claim = 'use' AND source_kind IN ('tenancy', 'own_use')
  UNION ALL SELECT known.id, h.leaf_id, h.source_id, h.during, h.recorded_at FROM known JOIN history.occupancy AS h
    ON h.park_id = $1 AND h.source_id = known.source_id AND h.claim = 'use' AND h.superseded_at = known.recorded_at
    AND h.during = known.during AND h.leaf_id <> known.leaf_id
)
SELECT c.leaf_id, c.source_id AS outcome_id, c.holder_id, f.credit_code, f.parent_credit_code,
  lower(c.during) AS starts_on, CASE WHEN NOT EXISTS (SELECT FROM tenancy AS t
    WHERE t.park_id = $1 AND t.outcome_id = c.source_id AND c.source_kind = 'tenancy'
    AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected
      AND upper(t.during) = upper(c.during)) THEN upper(c.during) END AS free_on,
  (SELECT min(k.recorded_at) FROM known AS k WHERE k.id = c.id) AS recorded_at, c.source_kind = 'tenancy' AS is_let,
  o.path
FROM occupancy AS c JOIN firm_visible AS f ON f.id = c.holder_id
JOIN outcome AS o ON o.park_id = $1 AND o.id = c.source_id
WHERE c.park_id = $1 AND c.leaf_id = ANY ($2) AND c.claim = 'use' AND c.source_kind IN ('tenancy', 'own_use');

-- name: facts
-- $1 park, $2 leaves: what is known of each now, of itself or of the nearest unit above it that says it: the idle
-- start entered, since when that was told, completion (else the year it was built), and development of the land; of
-- the leaf alone its stated area; who holds its title; when it became another, and which became it, when.
WITH RECURSIVE above (leaf_id, asset_id, parent_id, n) AS (
  SELECT id, id, parent_id, 0 FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL SELECT above.leaf_id, a.id, a.parent_id, n + 1 FROM above
    JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
)
SELECT leaf.id AS leaf_id, leaf.stated_area, leaf.stated_area_unit,
  'stated_area' = ANY (leaf.illustrative) AS is_illustrative, stated.stated_idle_since,
  stated.stated_idle_since_precision, stated.idle_basis, stated.stated_idle_since_source, coalesce(
    (SELECT max(h.superseded_at) FROM history.asset AS h WHERE h.park_id = $1 AND h.id = stated.id
      AND (h.stated_idle_since, h.stated_idle_since_precision, h.idle_basis)
        IS DISTINCT FROM (stated.stated_idle_since, stated.stated_idle_since_precision, stated.idle_basis)),
    (SELECT min(k.recorded_at) FROM asset_known AS k WHERE k.park_id = $1 AND k.id = stated.id)) AS stated_at,
  completed.completed_on, completed.completed_on_precision, row_to_json(d)::text AS development,
  (SELECT array_agg(DISTINCT s.party ORDER BY s.party) FROM above
    JOIN holding AS h ON h.park_id = $1 AND h.asset_id = above.asset_id
    CROSS JOIN unnest(h.shares) AS s WHERE above.leaf_id = leaf.id AND s.share > 0) AS title_holders,
  leaf.retired_on, leaf.previously_part_of, (SELECT max(p.retired_on) FROM asset AS p
    WHERE p.park_id = $1 AND p.id = ANY (leaf.previously_part_of)) AS merged_on
FROM asset AS leaf
LEFT JOIN LATERAL (SELECT a.* FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.asset_id
  WHERE above.leaf_id = leaf.id AND a.stated_idle_since IS NOT NULL ORDER BY above.n LIMIT 1) AS stated ON true
LEFT JOIN LATERAL (SELECT coalesce(a.completed_on,
  make_date(trunc((a.attributes ->> 'built_year')::numeric)::integer, 1, 1)) AS completed_on,
    CASE WHEN a.completed_on IS NULL THEN 'year' ELSE a.completed_on_precision END AS completed_on_precision
  FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.asset_id
  WHERE above.leaf_id = leaf.id AND (a.completed_on IS NOT NULL OR (a.attributes ->> 'built_year')::numeric >= 1)
  ORDER BY a.completed_on IS NULL, above.n LIMIT 1) AS completed ON true
LEFT JOIN LATERAL (SELECT v.* FROM above JOIN development AS v ON v.park_id = $1 AND v.asset_id = above.asset_id
  WHERE above.leaf_id = leaf.id ORDER BY above.n LIMIT 1) AS d ON true
WHERE leaf.park_id = $1 AND leaf.id = ANY ($2);

-- name: unused_buildings
-- $1 park, $2 leaves of land, $3 days, $4 deals, one each: whether a completed building stood on it then that nobody
-- used; what the deal itself takes along with the land is no use. It stands there by its outline,
-- by its plot alone where either is not drawn, and is no draft.
-- Completed: it says since when, or what year it was built, or somebody was in there before.
SELECT l.leaf_id, l.outcome_id, bool_or(NOT u.is_used AND (u.was_used OR a.completed_on <= l.day
  OR (a.attributes ->> 'built_year')::numeric <= extract(year FROM l.day))) AS is_there
FROM unnest($2::uuid[], $3::date[], $4::uuid[]) AS l (leaf_id, day, outcome_id)
JOIN asset AS land ON land.park_id = $1 AND land.id = l.leaf_id
JOIN asset AS a ON a.park_id = $1 AND a.plot_id = land.root_id AND a.listing <> 'draft'
  AND coalesce(outlines_meet(a.geom, land.geom), a.plot_id = land.id)
CROSS JOIN LATERAL (
  WITH RECURSIVE tree (id) AS (
    SELECT a.id UNION ALL SELECT c.id FROM tree JOIN asset AS c ON c.park_id = $1 AND c.parent_id = tree.id
  )
  SELECT coalesce(bool_or(o.during @> l.day), false) AS is_used,
    coalesce(bool_or(lower(o.during) < l.day), false) AS was_used
  FROM tree JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = tree.id AND o.claim = 'use'
    AND o.source_kind IN ('tenancy', 'own_use')
    AND o.source_id <> l.outcome_id
) AS u
GROUP BY l.leaf_id, l.outcome_id;

-- name: judged
-- $1 park, $2 leaves: the verdicts there are, as JSON by column name.
SELECT leaf_id, outcome_id, version, row_to_json(r)::text AS document FROM revival AS r
  WHERE park_id = $1 AND leaf_id = ANY ($2);

-- name: put
-- $1 rows, JSON by column name: new verdicts, and those that changed.
INSERT INTO revival (
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason, closed_at
)
SELECT
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason, closed_at
FROM jsonb_populate_recordset(NULL::revival, $1::jsonb)
ON CONFLICT (park_id, outcome_id, leaf_id) DO UPDATE SET
  asset_id = excluded.asset_id, kind = excluded.kind, path = excluded.path, revived_from = excluded.revived_from,
  revived_to = excluded.revived_to, year = excluded.year, verdict = excluded.verdict, clause = excluded.clause,
  version = excluded.version, idle_since = excluded.idle_since, idle_ground = excluded.idle_ground,
  idle_source = excluded.idle_source, is_idle_told_afterwards = excluded.is_idle_told_afterwards,
  firm_before_id = excluded.firm_before_id, firm_after_id = excluded.firm_after_id, counted_as = excluded.counted_as,
  adds = excluded.adds, stated_area = excluded.stated_area, stated_area_unit = excluded.stated_area_unit,
  is_illustrative = excluded.is_illustrative, basis = excluded.basis, reason = excluded.reason,
    closed_at = excluded.closed_at;

-- name: closings
-- $1 park, $2 years: which of them are closed, and when; their closing waits for this act.
SELECT year, closed_at FROM reporting_year WHERE park_id = $1 AND year = ANY ($2)
  AND closed_at < 'infinity' FOR KEY SHARE;

-- name: open_years
-- $1 park, $2 years that a revival lies in.
INSERT INTO reporting_year (park_id, year) SELECT $1, unnest($2::integer[]) ON CONFLICT DO NOTHING;

-- name: touch_outcomes
-- $1 park, $2 deals: what readers see of them has changed.
UPDATE outcome SET revision = revision + 1 WHERE park_id = $1 AND id = ANY ($2);

-- name: not_judged
-- Park by park the leaves of what counted before there was a rule. Read as the service.
SELECT park_id, array_agg(DISTINCT leaf_id) AS leaf_ids FROM revival
  WHERE version = 'revival-0' AND verdict <> 'corrected' GROUP BY park_id ORDER BY park_id;

-- name: move_to
-- $1 park, $2 leaf, $3 its new parts, $4 their areas, m², $5 why, for what a closed year holds: its verdicts are on
-- each of them, and of its area each has a share.
WITH part AS (
  SELECT id, n, (sum(area) OVER w - area) / sum(area) OVER () AS before, sum(area) OVER w / sum(area) OVER () AS upto
  FROM unnest($3::uuid[], $4::numeric[]) WITH ORDINALITY AS p (id, area, n) WINDOW w AS (ORDER BY n)
)
INSERT INTO revival (
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason, closed_at
)
SELECT r.park_id, r.outcome_id, part.id, r.asset_id, r.kind, r.path, r.revived_from, r.revived_to, r.year, r.verdict,
  r.clause, r.version, r.idle_since, r.idle_ground, r.idle_source, r.is_idle_told_afterwards, r.firm_before_id,
  r.firm_after_id, CASE WHEN own.is_alone THEN part.id ELSE r.counted_as END, r.adds AND (own.is_alone OR part.n = 1),
  CASE WHEN own.is_alone THEN round(r.stated_area * part.upto, 6) - round(r.stated_area * part.before, 6)
    ELSE r.stated_area END, r.stated_area_unit, r.is_illustrative,
  CASE WHEN own.area IS NULL THEN r.basis ELSE jsonb_set(r.basis, ARRAY['stated_area'],
    to_jsonb((round(own.area * part.upto, 6) - round(own.area * part.before, 6))::text)) END,
  CASE WHEN r.closed_at < 'infinity' THEN $5 ELSE r.reason END, r.closed_at
FROM revival AS r CROSS JOIN part CROSS JOIN LATERAL (
  SELECT (r.basis ->> 'stated_area')::numeric AS area, r.counted_as = r.leaf_id AND r.asset_id <> r.leaf_id AS is_alone
) AS own
WHERE r.park_id = $1 AND r.leaf_id = $2;

-- name: judged_as
-- $1 park, $2 leaves that are none any more, $3 the one in their place, $4 why, for what a closed year holds: what was
-- judged as one of them is judged as that one.
UPDATE revival SET basis = jsonb_set(basis, ARRAY['judged_as'], to_jsonb($3::text)),
  reason = CASE WHEN closed_at < 'infinity' THEN $4 ELSE reason END
WHERE park_id = $1 AND basis ->> 'judged_as' = ANY ($2::text[]);

-- name: take_away
-- $1 park, $2 leaves: they have no verdicts any more; the twin keeps them.
DELETE FROM revival WHERE park_id = $1 AND leaf_id = ANY ($2);

-- name: restore
-- $1 park, $2 leaf, $3 instant of an act, $4 why, for what a closed year holds: its verdicts until that act.
INSERT INTO revival (
  park_id, outcome_id, leaf_id, asset_id, kind, path, revived_from, revived_to, year, verdict, clause, version,
  idle_since, idle_ground, idle_source, is_idle_told_afterwards, firm_before_id, firm_after_id, counted_as, adds,
  stated_area, stated_area_unit, is_illustrative, basis, reason, closed_at
)
SELECT h.park_id, h.outcome_id, h.leaf_id, h.asset_id, h.kind, h.path, h.revived_from, h.revived_to, h.year, h.verdict,
  h.clause, h.version, h.idle_since, h.idle_ground, h.idle_source, h.is_idle_told_afterwards, h.firm_before_id,
  h.firm_after_id, h.counted_as, h.adds, h.stated_area, h.stated_area_unit, h.is_illustrative, h.basis,
  CASE WHEN y.closed_at < 'infinity' THEN $4 ELSE h.reason END, y.closed_at
FROM history.revival AS h JOIN reporting_year AS y ON y.park_id = h.park_id AND y.year = h.year
WHERE h.park_id = $1 AND h.leaf_id = $2 AND h.superseded_at = $3;
