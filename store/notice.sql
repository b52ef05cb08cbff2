-- name: round
-- Locks the round and says where it stands.
SELECT round, is_running, demand_id FROM notice_round FOR UPDATE;

-- name: look
-- Takes every park that has moved on up to its head. The first round of all begins at the heads; a park that is new
-- since, at its first act. No row where none has moved.
INSERT INTO notice_cursor (park_id, rev, upto)
SELECT head.scope_id, CASE WHEN r.round = 0 THEN head.rev ELSE 0 END, head.rev
FROM notice_round AS r, head LEFT JOIN notice_cursor AS c ON c.park_id = head.scope_id
WHERE head.kind = 'park' AND (c.rev IS NULL OR head.rev > c.rev)
ON CONFLICT (park_id) DO UPDATE SET upto = excluded.upto RETURNING park_id;

-- name: start
-- Starts a round.
UPDATE notice_round SET round = round + 1, is_running = true, demand_id = NULL RETURNING round;

-- name: fresh
-- Units published between the cursors and where the round looks up to.
SELECT DISTINCT e.subject_id::text AS id FROM notice_cursor AS c
  JOIN event AS e ON e.scope_id = c.park_id AND e.rev > c.rev AND e.rev <= c.upto
WHERE c.upto IS NOT NULL AND e.act = 'asset.published' ORDER BY id;

-- name: needs
-- $1 after this id or null, $2 limit: published needs as the ranking takes them, by id.
SELECT d.firm_id, d.id, d.version, demand_document(d) AS document,
  CASE WHEN d.product_codes = '{}' THEN f.industry_code END AS registered_industry_code
FROM demand AS d JOIN firm AS f ON f.id = d.firm_id WHERE d.listing = 'published' AND ($1::uuid IS NULL OR d.id > $1)
  ORDER BY d.id LIMIT $2;

-- name: come_to
-- $1 round, $2 need before, $3 need now: moves the round on; nothing where another worker has.
UPDATE notice_round SET demand_id = $3 WHERE round = $1 AND is_running AND demand_id IS NOT DISTINCT FROM $2;

-- name: finish
-- $1 round: ends it, where it still is the one under way.
WITH ended AS (UPDATE notice_round SET is_running = false, demand_id = NULL WHERE round = $1 AND is_running
  RETURNING round)
UPDATE notice_cursor SET rev = upto, upto = NULL FROM ended WHERE upto IS NOT NULL;

-- name: insert
-- $1 firm, $2 demand, $3 its version, $4 unit, $5 kind, $6 place, $7 status: no row where the firm was told of it
-- already, or the unit is not on offer now.
INSERT INTO match_notice (firm_id, demand_id, demand_version, park_id, asset_id, kind, place, status)
SELECT $1, $2, $3, a.park_id, a.id, $5, $6, $7 FROM asset AS a WHERE a.id = $4 AND a.availability = 'available'
ON CONFLICT ON CONSTRAINT noticed_once DO NOTHING RETURNING true;
