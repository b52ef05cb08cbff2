-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO interest (park_id, id, asset_id, firm_id, demand_id, ranking_id, was_shown, act, happened_on, refused_for,
  note)
SELECT park_id, id, asset_id, firm_id, demand_id, ranking_id, was_shown, act, happened_on, refused_for, note
FROM jsonb_populate_record(NULL::interest, $1::jsonb);

-- name: document
-- $1 firm, $2 interest: what was recorded, JSON text.
SELECT row_to_json(i)::text FROM (
  SELECT id, park_id, asset_id, demand_id, ranking_id, was_shown, act, happened_on, refused_for, note, recorded_at
    FROM interest WHERE firm_id = $1 AND id = $2
) AS i;

-- name: page
-- $1 firm, $2 demand, $3 after this id or null, $4 limit: what became of the units it was shown, as the caller may
-- read it, by id.
SELECT i.id, row_to_json(i)::text AS document FROM (
  SELECT id, park_id, asset_id, demand_id, ranking_id, was_shown, act, happened_on, refused_for, note, recorded_at
    FROM interest
  WHERE firm_id = $1 AND demand_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
) AS i;

-- name: refusals
-- $1 first and $2 last day, $3 park or null: refusals by park and by what they were for. Read as the service; small
-- counts are masked by the act.
SELECT park_id, refused_for, count(*)::integer AS refusals, count(DISTINCT firm_id)::integer AS firms,
  count(DISTINCT asset_id)::integer AS units
FROM interest WHERE act = 'refused' AND happened_on BETWEEN $1 AND $2 AND ($3::uuid IS NULL OR park_id = $3)
GROUP BY park_id, refused_for ORDER BY park_id, refused_for;

-- name: deals
-- $1 firm, $2 demand: the deals that came of a need, as the caller reads them, JSON text, the oldest first.
SELECT v.document FROM outcome AS o JOIN outcome_visible AS v ON v.park_id = o.park_id AND v.id = o.id
WHERE o.firm_id = $1 AND o.demand_id = $2 ORDER BY o.id;
