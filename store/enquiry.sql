-- name: home
-- $1 enquiry: the park it was sent to, and the firm that sent it. Read as the service, to find the scope of an act.
SELECT park_id, firm_id FROM enquiry WHERE id = $1;

-- name: terms
-- $1 park: how it treats enquiries; no row where it has not said so.
SELECT answer_hours, kept_days FROM enquiry_terms WHERE park_id = $1;

-- name: state_terms
-- $1 park, $2 working hours, $3 days.
INSERT INTO enquiry_terms (park_id, answer_hours, kept_days) VALUES ($1, $2, $3)
ON CONFLICT (park_id) DO UPDATE SET answer_hours = excluded.answer_hours, kept_days = excluded.kept_days;

-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO enquiry (park_id, id, reference, asset_id, firm_id, demand_id, ranking_id, wants_visit, consent,
  received_at, due_at)
SELECT park_id, id, reference, asset_id, firm_id, demand_id, ranking_id, wants_visit, consent, received_at, due_at
FROM jsonb_populate_record(NULL::enquiry, $1::jsonb);

-- name: insert_enquirer
-- $1 facts, JSON by column name.
INSERT INTO enquirer (park_id, enquiry_id, name, phone, mail, message)
SELECT park_id, enquiry_id, name, phone, mail, message FROM jsonb_populate_record(NULL::enquirer, $1::jsonb);

-- name: lock
-- $1 park, $2 enquiry: how it stands, locked, and the instant after the lock.
WITH locked AS MATERIALIZED (
  SELECT state, firm_id, demand_id, answered_at, erased_at, revision FROM enquiry WHERE park_id = $1 AND id = $2
  FOR NO KEY UPDATE
) SELECT locked.state, locked.firm_id, locked.demand_id, locked.answered_at, locked.erased_at, locked.revision,
  clock_timestamp() AS at FROM locked;

-- name: change
-- $1 park, $2 enquiry, $3 changed facts, JSON by column name: what is absent stays.
UPDATE enquiry SET (firm_id, demand_id, outcome_id, state, answered_at, answered_by, visit_starts_at, visit_ends_at,
  closed_at, closed_as) = (
  SELECT firm_id, demand_id, outcome_id, state, answered_at, answered_by, visit_starts_at, visit_ends_at, closed_at,
    closed_as FROM jsonb_populate_record(enquiry, $3::jsonb)
), revision = revision + 1 WHERE park_id = $1 AND id = $2;

-- name: change_enquirer
-- $1 park, $2 enquiry, $3 changed facts, JSON by column name: no row where the person was erased.
UPDATE enquirer SET (answer, meeting_place) = (
  SELECT answer, meeting_place FROM jsonb_populate_record(enquirer, $3::jsonb)
) WHERE park_id = $1 AND enquiry_id = $2 RETURNING true;

-- name: visible
-- $1 enquiry: what the caller sees of it.
SELECT document, person, revision FROM enquiry_visible WHERE id = $1;

-- name: page
-- $1 park or null, $2 unit or null, $3 state or null, $4 whether those alone that wait for longer than they should,
-- $5 reference or null, $6 after this id or null, $7 limit.
SELECT id, document, person FROM enquiry_visible
WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::uuid IS NULL OR asset_id = $2) AND ($3::text IS NULL OR state = $3)
  AND (NOT $4::boolean OR state = 'new' AND due_at < clock_timestamp()) AND ($5::text IS NULL OR reference = upper($5))
  AND ($6::uuid IS NULL OR id > $6)
ORDER BY id LIMIT $7;

-- name: meeting
-- $1 enquiry: what it is about, as the caller may read it.
SELECT a.name AS unit, p.name_zh, coalesce(p.name_en, p.name_zh) AS name_en FROM enquiry_visible AS e
JOIN park_visible AS p ON p.id = e.park_id LEFT JOIN asset_visible AS a ON a.id = e.asset_id WHERE e.id = $1;

-- name: same_person
-- $1 park, $2 enquiry: those of the same person, by name with telephone or mail; none where it was erased.
SELECT q.enquiry_id AS id FROM enquirer AS q JOIN enquirer AS named ON named.park_id = q.park_id
WHERE q.park_id = $1 AND named.enquiry_id = $2
  AND (q.enquiry_id = $2 OR q.name = named.name AND (q.phone = named.phone OR q.mail = named.mail))
ORDER BY q.enquiry_id;

-- name: outlived
-- $1 today: by park, the enquiries whose person has been kept for as long as the park keeps one. $2 days where the
-- park does not say. Read as the service.
SELECT e.park_id, array_agg(e.id ORDER BY e.id) AS ids FROM enquirer AS q
JOIN enquiry AS e ON e.park_id = q.park_id AND e.id = q.enquiry_id
LEFT JOIN enquiry_terms AS t ON t.park_id = e.park_id
WHERE (e.received_at AT TIME ZONE 'Asia/Shanghai')::date + coalesce(t.kept_days, $2) <= $1 GROUP BY e.park_id
ORDER BY e.park_id;

-- name: erase
-- $1 park, $2 enquiries: their persons are gone with all words written about them.
WITH gone AS (DELETE FROM enquirer WHERE park_id = $1 AND enquiry_id = ANY ($2) RETURNING enquiry_id)
UPDATE enquiry SET erased_at = act_at(), revision = revision + 1
WHERE park_id = $1 AND id IN (SELECT enquiry_id FROM gone) RETURNING id;
