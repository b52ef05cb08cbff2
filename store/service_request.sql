-- name: home
-- $1 request: the park it lies in and the firm that raised it. Read as the service, to find the scope of an act.
SELECT park_id, firm_id FROM service_request WHERE id = $1;

-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO service_request (park_id, id, firm_id, outcome_id, topic, request, stage, raised_on)
SELECT park_id, id, firm_id, outcome_id, topic, request, stage, raised_on
  FROM jsonb_populate_record(NULL::service_request, $1::jsonb);

-- name: lock
-- $1 park, $2 request: where it stands, locked, and the instant after the lock.
WITH locked AS MATERIALIZED (
  SELECT stage, raised_on, dispatched_on, answered_on, firm_id, revision FROM service_request
    WHERE park_id = $1 AND id = $2 FOR NO KEY UPDATE
) SELECT locked.stage, locked.raised_on, locked.dispatched_on, locked.answered_on, locked.firm_id, locked.revision,
  clock_timestamp() AS at FROM locked;

-- name: advance
-- $1 park, $2 request, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE service_request SET (stage, department, dispatched_on, due_on, answer, answered_on, closed_on, is_satisfied) = (
  SELECT stage, department, dispatched_on, due_on, answer, answered_on, closed_on, is_satisfied
    FROM jsonb_populate_record(service_request, $3::jsonb)
), revision = revision + 1 WHERE park_id = $1 AND id = $2;

-- name: visible
-- $1 request: what the caller sees of it.
SELECT document, revision FROM service_request_visible WHERE id = $1;

-- name: page
-- $1 park or null, $2 firm or null, $3 stage or null, $4 after this id or null, $5 limit.
SELECT id, document FROM service_request_visible
WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::uuid IS NULL OR firm_id = $2) AND ($3::text IS NULL OR stage = $3)
  AND ($4::uuid IS NULL OR id > $4)
ORDER BY id LIMIT $5;

-- name: lock_contacts
-- $1 park: acts that name or erase people in it wait for each other, else one would not see the other's.
SELECT pg_advisory_xact_lock(hashtextextended('contacts ' || $1::text, 0));

-- name: insert_contact
-- $1 park, $2 id, $3 name, $4 phone or null.
INSERT INTO contact (park_id, id, name, phone) VALUES ($1, $2, $3, $4);

-- name: set_officer
-- $1 park, $2 firm, $3 contact: whom the firm turns to from now on; the one before goes to the twin, by id.
INSERT INTO firm_officer (park_id, firm_id, contact_id) VALUES ($1, $2, $3) ON CONFLICT (park_id, firm_id) DO UPDATE
  SET contact_id = excluded.contact_id;

-- name: erase_former
-- $1 park: nobody turns to them any more, so nothing is left to keep their names for.
UPDATE contact SET name = NULL, phone = NULL
WHERE park_id = $1 AND name IS NOT NULL AND NOT EXISTS (SELECT FROM firm_officer AS o
  WHERE o.park_id = $1 AND o.contact_id = contact.id) AND NOT EXISTS (SELECT FROM public_contact AS p
  WHERE p.park_id = $1 AND p.contact_id = contact.id);

-- name: park_of_contact
-- $1 contact: the park that keeps it. Read as the service, to find the scope of an act.
SELECT park_id FROM contact WHERE id = $1;

-- name: erase_contact
-- $1 park, $2 contact: erases this person; under other ids too, where name and telephone are both the same.
UPDATE contact SET name = NULL, phone = NULL FROM contact AS asked
WHERE asked.park_id = $1 AND asked.id = $2 AND asked.name IS NOT NULL AND contact.park_id = $1
  AND (contact.id = asked.id OR contact.name = asked.name AND contact.phone = asked.phone)
RETURNING contact.id;

-- name: officers
-- $1 firm: whom it turns to in each park, as the caller may see.
SELECT document FROM firm_officer_visible WHERE firm_id = $1 ORDER BY park_id;

-- name: insert_visit
-- $1 facts, JSON by column name.
INSERT INTO visit (park_id, id, firm_id, outcome_id, visited_on, note)
SELECT park_id, id, firm_id, outcome_id, visited_on, note FROM jsonb_populate_record(NULL::visit, $1::jsonb);

-- name: visits
-- $1 firm, $2 park or null, $3 after this id or null, $4 limit: visits by the caller's parks.
SELECT v.id, row_to_json(d)::text AS document FROM visit AS v
CROSS JOIN LATERAL (SELECT v.park_id, v.id, v.firm_id, v.outcome_id, v.visited_on, v.note, v.recorded_at) AS d
WHERE v.firm_id = $1 AND ($2::uuid IS NULL OR v.park_id = $2) AND ($3::uuid IS NULL OR v.id > $3)
ORDER BY v.id LIMIT $4;
