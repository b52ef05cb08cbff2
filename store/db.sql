-- Filled in by store/db.py: {held}, the row an act locks before all else.

-- name: claim_key
-- $1 actor and key in one text, $2 actor, $3 key, $4 fingerprint: `is_free` false where a twin of this request is
-- running, `is_new` false where the key was used.
WITH tried AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS is_free),
  claimed AS (INSERT INTO panhuo.idempotency (actor_id, key, fingerprint) SELECT $2, $3, $4 FROM tried WHERE is_free
    ON CONFLICT DO NOTHING RETURNING true)
SELECT is_free, EXISTS (SELECT FROM claimed) AS is_new FROM tried;

-- name: claim_and_lock
-- $1 to $4 as above; {held}: the row an act locks before all else, its parameters from $5 on, {own} in it true where
-- the key is new. With the row, NULL where there is none, the act's instant, read after the lock.
WITH tried AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS is_free),
  claimed AS (INSERT INTO panhuo.idempotency (actor_id, key, fingerprint) SELECT $2, $3, $4 FROM tried WHERE is_free
  ON CONFLICT DO NOTHING RETURNING true),
  held AS MATERIALIZED ({held})
SELECT is_free, EXISTS (SELECT FROM claimed) AS is_new, held.*,
  set_config('app.act_at', clock_timestamp()::text, true)::timestamptz AS at FROM tried LEFT JOIN held ON true;

-- name: lock
-- The same for an act without a key.
WITH held AS MATERIALIZED ({held}) SELECT held.*,
  set_config('app.act_at', clock_timestamp()::text, true)::timestamptz AS at FROM held;

-- name: every_park
-- Behind the public rows of every park, for an admin who names none.
SELECT set_config('app.park_ids', coalesce(string_agg(id::text, ','), ''), true) FROM park;

-- name: used_key
-- $1 actor, $2 key: what was answered then.
SELECT fingerprint, status, etag, location, body FROM panhuo.idempotency WHERE actor_id = $1 AND key = $2;

-- name: purge_keys
-- $1 how many at most: forgets keys older than 7 days.
DELETE FROM panhuo.idempotency WHERE (actor_id, key) IN (
  SELECT actor_id, key FROM panhuo.idempotency WHERE created_at < now() - interval '7 days' ORDER BY created_at,
    actor_id, key LIMIT $1);

-- name: open_head
-- $1 scope, $2 kind: the head of a new park or firm.
INSERT INTO panhuo.head (scope_id, kind) VALUES ($1, $2);

-- name: append_events
-- $1 scope, $2 digest, $3 actor, $4 instant, $5 acts, $6 subject kinds, $7 subject ids, $8 bodies: bumps the head and
-- appends the act's events. $9 key or null, $10 status, $11 etag, $12 location, $13 body: the answer that a repetition
-- will get.
WITH answered AS (
  UPDATE panhuo.idempotency SET status = $10, etag = $11, location = $12, body = $13 WHERE actor_id = $3 AND key = $9
), bumped AS (
  UPDATE panhuo.head SET rev = rev + 1, hash = sha256(hash || int8send(rev + 1) || $2) WHERE scope_id = $1
    RETURNING rev
)
INSERT INTO panhuo.event (scope_id, rev, n, actor_id, act, subject_kind, subject_id, at, body, digest)
SELECT $1, bumped.rev, e.n, $3, e.act, e.subject_kind, e.subject_id, $4, e.body, $2
FROM bumped, unnest($5::text[], $6::text[], $7::uuid[], $8::text[]) WITH ORDINALITY AS e (act, subject_kind,
  subject_id, body, n)
RETURNING rev;

-- name: set_instant
-- $1 the act's instant, or null for the clock's where it locks nothing: set for the trigger that keeps the past.
SELECT set_config('app.act_at', coalesce($1::timestamptz, clock_timestamp())::text, true)::timestamptz;

-- name: ping
-- Whether the database answers.
SELECT 1;

-- name: instance
-- Epoch and cursor key of this database.
SELECT epoch, cursor_key FROM panhuo.instance;
