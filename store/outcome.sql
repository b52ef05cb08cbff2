-- Filled in by store/db.py, where an act takes the row with its key: {p1}, {p2} and {own}.

-- name: home
-- $1 deal: the park it lies in, its path and the firms it is with. Read as the service, to find the scope of an act.
SELECT park_id, path, array_remove(ARRAY[firm_id, owner_firm_id], NULL) AS firm_ids FROM outcome WHERE id = $1;

-- name: units
-- $1 park, $2 deal: the units it is about.
SELECT asset_id FROM outcome_asset WHERE park_id = $1 AND outcome_id = $2 ORDER BY asset_id;

-- name: lock
-- $1 park, $2 deal: where it stands, locked.
SELECT id, path, paths_version, stage, firm_id, owner_firm_id, opened_on, lower(intended) AS intended_from,
  upper(intended) AS intended_to, revived_on, revision, illustrative, renews_tenancy_id, is_land_alone, signed_on,
  notes::text, EXISTS (SELECT FROM outcome_asset AS a WHERE a.park_id = outcome.park_id
    AND a.outcome_id = outcome.id AND a.kind = 'land') AS has_land
FROM outcome WHERE park_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: hold
-- The same for an act that moves nothing, which takes it with its key: {p1} park, {p2} deal, {own} as `claim_and_lock`
-- says.
SELECT id, path, paths_version, stage, firm_id, owner_firm_id, opened_on, lower(intended) AS intended_from,
  upper(intended) AS intended_to, revived_on, revision, illustrative, renews_tenancy_id, is_land_alone, signed_on,
  notes::text, EXISTS (SELECT FROM outcome_asset AS a WHERE a.park_id = outcome.park_id
    AND a.outcome_id = outcome.id AND a.kind = 'land') AS has_land
FROM outcome WHERE park_id = {p1} AND id = {p2} AND {own} FOR NO KEY UPDATE;

-- name: insert
-- $1 facts, JSON by column name, `intended` as a range.
INSERT INTO outcome (
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, output_yuan_year, tax_yuan_year, source, reason, illustrative,
  owner_firm_id, paths_version, renews_tenancy_id, is_land_alone
)
SELECT
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, output_yuan_year, tax_yuan_year, source, reason, illustrative,
  owner_firm_id, paths_version, renews_tenancy_id, is_land_alone
FROM jsonb_populate_record(NULL::outcome,
  '{"illustrative": [], "paths_version": "paths-1", "is_land_alone": false}'::jsonb || $1::jsonb);

-- name: take_units
-- $1 park, $2 deal, $3 units: what the deal is about, with their stated areas.
INSERT INTO outcome_asset (park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative)
SELECT $1, $2, a.id, a.kind, a.stated_area, a.stated_area_unit, 'stated_area' = ANY (a.illustrative)
FROM asset AS a WHERE a.park_id = $1 AND a.id = ANY ($3);

-- name: agree_area
-- $1 park, $2 deal, $3 m²: the part of its one unit that is agreed, and counted.
UPDATE outcome_asset SET stated_area = $3, stated_area_unit = 'm2' WHERE park_id = $1 AND outcome_id = $2;

-- name: copy_areas
-- $1 park, $2 deal: the stated areas as they are on the day the deal binds.
UPDATE outcome_asset AS o SET stated_area = a.stated_area, stated_area_unit = a.stated_area_unit,
  is_illustrative = 'stated_area' = ANY (a.illustrative)
FROM asset AS a WHERE o.park_id = $1 AND o.outcome_id = $2 AND a.park_id = o.park_id AND a.id = o.asset_id
  AND (o.stated_area, o.stated_area_unit) IS DISTINCT FROM (a.stated_area, a.stated_area_unit);

-- name: advance
-- $1 park, $2 deal, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE outcome SET (
  stage, reserved_until, signed_on, revived_on, revived_on_precision, ended_on, reason, notes
) = (
  SELECT stage, reserved_until, signed_on, revived_on, revived_on_precision, ended_on, reason, notes
    FROM jsonb_populate_record(outcome, $3::jsonb)
), revision = revision + 1
WHERE park_id = $1 AND id = $2;

-- name: claim
-- $1 park, $2 ids of the new rows, $3 leaves, $4 claim, $5 source kind, $6 deal, $7 holder, $8 from day, $9 to day,
-- excluded, or null.
INSERT INTO occupancy (park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during)
SELECT $1, c.id, c.leaf_id, $4, $5, $6, $7, daterange($8, $9) FROM unnest($2::uuid[], $3::uuid[]) AS c (id, leaf_id)
  ORDER BY c.leaf_id;

-- name: free_leaves
-- $1 park, $2 leaves, $3 day: those whose use nobody has on that day or later, and on which no tenancy is to verify
-- then.
SELECT leaf_id FROM unnest($2::uuid[]) AS l (leaf_id) WHERE NOT EXISTS (
  SELECT FROM occupancy AS o WHERE o.park_id = $1 AND o.leaf_id = l.leaf_id AND o.claim = 'use'
    AND o.during && daterange($3, NULL))
  AND leaf_id NOT IN (SELECT v.id FROM units_to_verify(
    $1, ARRAY(SELECT a.root_id FROM asset AS a WHERE a.park_id = $1 AND a.id = ANY ($2)), $3) AS v)
ORDER BY leaf_id;

-- name: yield_from
-- $1 park, $2 leaves, $3 tenant, $4 day: claims of the tenant's own tenancies that begin on or after that day.
DELETE FROM occupancy WHERE park_id = $1 AND leaf_id = ANY ($2) AND claim = 'use' AND source_kind = 'tenancy'
  AND holder_id = $3 AND lower(during) >= $4;

-- name: yield_use
-- $1 park, $2 leaves, $3 tenant, $4 day: the tenant's own claims end before that day.
UPDATE occupancy SET during = daterange(lower(during), $4)
WHERE park_id = $1 AND leaf_id = ANY ($2) AND claim = 'use' AND source_kind = 'tenancy' AND holder_id = $3
  AND (upper(during) IS NULL OR upper(during) > $4);

-- name: resume_use
-- $1 park, $2 ids of the new rows, $3 leaves, $4 tenant, $5 day or null: the rest of the tenant's own tenancies that
-- no claim holds, from that day on.
WITH own AS (
  SELECT DISTINCT ON (l.leaf_id) l.id, l.leaf_id, t.outcome_id, t.during * daterange(NULL, t.renewed_from) AS during
  FROM tenancy AS t CROSS JOIN LATERAL leaves_of_deal($1, t.outcome_id) AS let
  JOIN unnest($2::uuid[], $3::uuid[]) AS l (id, leaf_id) ON l.leaf_id = let.leaf_id
  WHERE t.park_id = $1 AND t.firm_id = $4 AND NOT t.is_corrected
    AND ($5::date IS NULL OR upper(t.during) IS NULL OR upper(t.during) > $5)
  ORDER BY l.leaf_id, t.during @> $5::date DESC, lower(t.during) DESC
), rest AS (
  SELECT DISTINCT ON (own.leaf_id) own.id, own.leaf_id, own.outcome_id, piece FROM own, unnest(
    datemultirange(own.during * daterange($5, NULL)) - coalesce((SELECT range_agg(o.during) FROM occupancy AS o
      WHERE o.park_id = $1 AND o.leaf_id = own.leaf_id AND o.claim = 'use'), '{}')) AS piece
  ORDER BY own.leaf_id, lower(piece) DESC
)
INSERT INTO occupancy (park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during)
SELECT $1, id, leaf_id, 'use', 'tenancy', outcome_id, $4, piece FROM rest ORDER BY leaf_id;

-- name: release
-- $1 park, $2 deal, $3 source kinds: the claims are gone, as if they had never been; the twin keeps them.
DELETE FROM occupancy WHERE park_id = $1 AND source_id = $2 AND source_kind = ANY ($3);

-- name: release_from
-- $1 park, $2 deal, $3 source kind, $4 day: claims that begin on or after that day.
DELETE FROM occupancy WHERE park_id = $1 AND source_id = $2 AND source_kind = $3 AND lower(during) >= $4;

-- name: cut
-- $1 park, $2 deal, $3 source kind, $4 day: claims end before that day.
UPDATE occupancy SET during = daterange(lower(during), $4)
WHERE park_id = $1 AND source_id = $2 AND source_kind = $3 AND (upper(during) IS NULL OR upper(during) > $4);

-- name: insert_tenancy
-- $1 facts, JSON by column name, `during` as a range.
INSERT INTO tenancy (
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
)
SELECT
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative
FROM jsonb_populate_record(NULL::tenancy, '{"illustrative": [], "is_corrected": false}'::jsonb || $1::jsonb);

-- name: tenancy_days
-- $1 park, $2 deal: of its tenancies the first day, the day after the last of the term, the day after the last of use
-- as far as anybody said, and the first day of what renews them or null. The term of one that was left is what it was
-- before that was said.
SELECT min(lower(t.during)) AS starts_on, max(coalesce(upper(term.during), 'infinity')) AS ends_before,
  max(coalesce(t.left_on + 1, t.renewed_from, upper(t.during), 'infinity')) AS used_until,
    max(t.renewed_from) AS renewed_from
FROM tenancy AS t CROSS JOIN LATERAL (SELECT CASE WHEN t.left_on IS NULL THEN t.during ELSE coalesce((
  SELECT h.during FROM tenancy_known AS h
  WHERE h.park_id = $1 AND h.id = t.id AND h.left_on IS NULL ORDER BY h.superseded_at DESC LIMIT 1), t.during) END) AS
    term (during)
WHERE t.park_id = $1 AND t.outcome_id = $2 AND NOT t.is_corrected;

-- name: hand_over
-- $1 park, $2 deal, $3 day.
UPDATE tenancy SET handed_over_on = $3, revision = revision + 1
  WHERE park_id = $1 AND outcome_id = $2 AND NOT is_corrected;


-- name: renewals_begun
-- $1 today: signed deals that renew a tenancy and whose first day has come.
SELECT park_id, id FROM outcome WHERE stage = 'signed' AND renews_tenancy_id IS NOT NULL AND lower(intended) <= $1
  ORDER BY park_id, id;

-- name: void_tenancies
-- $1 park, $2 deal: they never were.
UPDATE tenancy SET is_corrected = true, revision = revision + 1 WHERE park_id = $1 AND outcome_id = $2;

-- name: expired_reservations
-- $1 today: reservations that have run out.
SELECT park_id, id FROM outcome WHERE stage = 'reserved' AND reserved_until < $1 ORDER BY park_id, id;

-- name: visible
-- $1 deal: what the caller sees of it.
SELECT document, revision, park_id FROM outcome_visible WHERE id = $1;

-- name: page
-- $1 park or null, $2 stage or null, $3 after this id or null, $4 limit.
SELECT id, document FROM outcome_visible
WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::text IS NULL OR stage = $2) AND ($3::uuid IS NULL OR id > $3)
  ORDER BY id LIMIT $4;

-- name: events
-- $1 park, $2 deal: who did what to it, the latest first.
SELECT row_to_json(e)::text FROM (
  SELECT rev, n, at, act, actor_id, body::json AS changed FROM event WHERE scope_id = $1 AND subject_id = $2
    ORDER BY rev DESC, n DESC LIMIT 200
) AS e;

-- name: insert_swap
-- $1 park, $2 deal: an equity swap that has agreed nothing yet.
INSERT INTO equity_swap (park_id, outcome_id) VALUES ($1, $2);

-- name: swap
-- $1 park, $2 deal: what the swap has agreed.
SELECT appraised_yuan, appraisal_valid_until, contribution_yuan, equity_share FROM equity_swap
  WHERE park_id = $1 AND outcome_id = $2;

-- name: agree
-- $1 park, $2 deal, $3 figures, JSON by column name: what is absent stays.
UPDATE equity_swap SET (
  appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until, contribution_yuan, equity_share,
    certificate_no
) = (
  SELECT appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until, contribution_yuan,
    equity_share, certificate_no
  FROM jsonb_populate_record(equity_swap, $3::jsonb)
) WHERE park_id = $1 AND outcome_id = $2;

-- name: reach_milestone
-- $1 park, $2 deal, $3 stage, $4 day or null, $5 its precision or null, $6 evidence, $7 amount or null, $8 source or
-- null, $9 facts: its plan stays.
INSERT INTO milestone AS m (park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan,
  source, facts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)
ON CONFLICT (park_id, outcome_id, kind) DO UPDATE SET happened_on = excluded.happened_on,
  happened_on_precision = excluded.happened_on_precision, evidence = excluded.evidence,
    amount_yuan = excluded.amount_yuan, source = excluded.source, facts = excluded.facts, is_reversed = false,
    reason = NULL;

-- name: reverse_milestones
-- $1 park, $2 deal, $3 stages, $4 why: the deal went back behind them.
UPDATE milestone SET is_reversed = true, reason = $4
WHERE park_id = $1 AND outcome_id = $2 AND kind = ANY ($3) AND evidence IS NOT NULL AND NOT is_reversed;

-- name: told
-- $1 park, $2 deal, $3 stage, $4 name: a figure the stage was told with; null where it was not.
SELECT (facts ->> $4)::numeric FROM milestone WHERE park_id = $1 AND outcome_id = $2 AND kind = $3 AND NOT is_reversed;

-- name: milestones
-- $1 park, $2 deal: the stages it has reached and not gone back behind, and the day in Asia/Shanghai each was
-- recorded.
SELECT kind, happened_on, happened_on_precision, evidence, facts::text,
  (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS recorded_on FROM milestone
WHERE park_id = $1 AND outcome_id = $2 AND evidence IS NOT NULL AND NOT is_reversed ORDER BY recorded_at;
