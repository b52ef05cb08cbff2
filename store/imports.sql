-- name: insert
-- $1 park, $2 import, $3 account, $4 file name, $5 SHA-256, hex, $6 bytes, $7 options, JSON.
INSERT INTO import (park_id, id, account_id, file_name, file_sha256, file_bytes, options)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: home
-- $1 import: its park. Read as the service, to find the scope of an act.
SELECT park_id FROM import WHERE id = $1;

-- name: page
-- $1 park or null, $2 before this id or null, $3 limit: imports that the caller sees, the latest first.
SELECT i.id, row_to_json(i)::text AS document FROM (
  SELECT id, park_id, account_id, file_name, file_sha256, file_bytes, options, state, stage, done, total, result,
    faults, batch_id, created_at
  FROM import WHERE ($1::uuid IS NULL OR park_id = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
) AS i;

-- name: read
-- $1 park, $2 import: the same of one.
SELECT row_to_json(i)::text AS document FROM (
  SELECT id, park_id, account_id, file_name, file_sha256, file_bytes, options, state, stage, done, total, result,
    faults, batch_id, created_at
  FROM import WHERE park_id = $1 AND id = $2
) AS i;

-- name: lock
-- $1 park, $2 import: its state, under its lock.
SELECT state, options::text, file_name, file_sha256 FROM import WHERE park_id = $1 AND id = $2 FOR UPDATE;

-- name: queue
-- $1 park, $2 import, $3 options, JSON, or null: as they are, $4 decisions, JSON, or null: only to be tried.
UPDATE import SET state = 'queued', options = coalesce($3::jsonb, options), decisions = $4::jsonb, stage = NULL,
  done = 0, total = 0, faults = '[]', attempts = 0, seen_at = NULL
WHERE park_id = $1 AND id = $2;

-- name: cancel
-- $1 park, $2 import: one that waits or runs is left; what was tried before stays ready.
UPDATE import SET state = CASE WHEN result IS NULL THEN 'cancelled' ELSE 'ready' END, decisions = NULL, stage = NULL
WHERE park_id = $1 AND id = $2 AND state IN ('queued', 'running') RETURNING state;

-- name: claim
-- $1 seconds after which a run that does not say it is alive has died, $2 runs at most: the next import to run, the
-- oldest first; one that died too often has failed.
WITH due AS (
  SELECT park_id, id FROM import
  WHERE state = 'queued' OR (state = 'running' AND seen_at < clock_timestamp() - make_interval(secs => $1))
  ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
)
UPDATE import AS i SET attempts = attempts + 1, seen_at = clock_timestamp(),
  state = CASE WHEN attempts >= $2 THEN 'failed' ELSE 'running' END,
  faults = CASE WHEN attempts >= $2 THEN '[{"code": "import_broke_off", "field": "file", "params": {}}]'
    ELSE faults END
FROM due WHERE i.park_id = due.park_id AND i.id = due.id
RETURNING i.park_id, i.id, i.account_id, i.file_name, i.file_sha256, i.options::text, i.decisions::text, i.state;

-- name: advance
-- $1 park, $2 import, $3 stage, $4 rows done, $5 rows: says that the run is alive; no row where it was cancelled.
UPDATE import SET stage = $3, done = $4, total = $5, seen_at = clock_timestamp()
WHERE park_id = $1 AND id = $2 AND state = 'running' RETURNING true;

-- name: finish
-- $1 park, $2 import, $3 state, $4 result, JSON, or null: as it was, $5 faults, JSON, $6 batch or null.
UPDATE import SET state = $3, result = coalesce($4::jsonb, result), faults = $5::jsonb, batch_id = $6, stage = NULL
WHERE park_id = $1 AND id = $2 AND state = 'running';

-- name: forget_rows
-- $1 park, $2 import.
DELETE FROM import_row WHERE park_id = $1 AND import_id = $2;

-- name: put_rows
-- $1 park, $2 import, $3 list of rows, JSON.
INSERT INTO import_row (park_id, import_id, n, verdict, document, geometry)
SELECT $1, $2, n, verdict, document, geometry
FROM jsonb_to_recordset($3::jsonb) AS row (n integer, verdict text, document jsonb, geometry jsonb);

-- name: rows
-- $1 park, $2 import, $3 verdict or null: all, $4 whether with issues alone, $5 after this row, $6 limit.
SELECT n, verdict, document::text FROM import_row
WHERE park_id = $1 AND import_id = $2 AND ($3::text IS NULL OR verdict = $3)
  AND (NOT $4 OR document -> 'issues' <> '[]') AND n > $5
ORDER BY n LIMIT $6;

-- name: preview
-- $1 park, $2 import: every row that says where it lies.
SELECT n, verdict, document ->> 'code' AS code, document ->> 'name' AS name, geometry::text FROM import_row
WHERE park_id = $1 AND import_id = $2 AND geometry IS NOT NULL ORDER BY n;

-- name: last_mapping
-- $1 park: the mapping of columns of its last import that was saved.
SELECT (options -> 'mapping')::text FROM import
WHERE park_id = $1 AND state = 'saved' AND options -> 'mapping' -> 'columns' <> '[]' ORDER BY id DESC LIMIT 1;

-- name: units
-- $1 park, $2 ids, $3 folded codes, $4 names: units that rows of a file name, with their facts.
SELECT a.id, a.revision, a.code_key,
  (to_jsonb(a) - 'feature' - 'search' - 'spelling' - 'geom' - 'point')::text AS facts,
  ST_AsGeoJSON(coalesce(a.geom, a.point), 7) AS geometry
FROM asset AS a WHERE a.park_id = $1 AND (a.id = ANY ($2) OR a.code_key = ANY ($3) OR a.name = ANY ($4));

-- name: seen
-- $1 park, $2 units, $3 the revision each was seen at: the facts it had then; null where that is not known.
SELECT s.id, (SELECT (to_jsonb(h) - 'geom' - 'point')::text FROM history.asset AS h
    WHERE h.park_id = $1 AND h.id = s.id AND h.revision >= s.revision ORDER BY h.revision LIMIT 1) AS facts
FROM unnest($2::uuid[], $3::bigint[]) AS s (id, revision);

-- name: others
-- $1 park, $2 units: those of the park beside them, as far as they are not withdrawn; the first thousand by code.
SELECT id, code, name FROM asset
WHERE park_id = $1 AND id <> ALL ($2) AND listing <> 'withdrawn' AND retired_on IS NULL
ORDER BY code, id LIMIT 1000;

-- name: park_names
-- $1 park: what it is called, and its zones.
SELECT p.id, p.code, p.name_zh, p.name_en, NULL::uuid AS zone_id FROM park AS p WHERE p.id = $1
UNION ALL
SELECT p.id, z.code, z.name_zh, z.name_en, z.id FROM park AS p JOIN zone AS z ON z.park_id = p.id WHERE p.id = $1;
