-- name: insert
-- $1 firm, $2 ranking, $3 demand, $4 its version, $5 day, $6 model version, $7 chain version, $8 inputs, $9 answer.
INSERT INTO ranking (firm_id, id, demand_id, demand_version, day, model_version, chain_version, inputs, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: home
-- $1 ranking: the need it answered. Read as the service.
SELECT demand_id FROM ranking WHERE id = $1;

-- name: read
-- $1 firm, $2 ranking.
SELECT id, demand_id, demand_version, day, recorded_at, answer FROM ranking WHERE firm_id = $1 AND id = $2;

-- name: replayable
-- $1 firm, $2 ranking: what it rested on, and what was answered.
SELECT day, model_version, chain_version, inputs::text, answer::text FROM ranking WHERE firm_id = $1 AND id = $2;

-- name: page
-- $1 firm, $2 demand, $3 after this id or null, $4 limit: rankings of a need, by id.
SELECT r.id, row_to_json(r)::text AS document FROM (
  SELECT id, demand_version, day, model_version, chain_version, recorded_at FROM ranking
  WHERE firm_id = $1 AND demand_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
) AS r;

-- name: shown
-- $1 firm, $2 demand, $3 ranking, $4 unit as text: the day of that ranking of the need, and whether it showed the
-- unit; no row where there is none.
SELECT day, strpos(answer::text, $4) > 0 AS was_shown FROM ranking WHERE firm_id = $1 AND id = $3 AND demand_id = $2;
