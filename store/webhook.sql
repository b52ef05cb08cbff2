-- name: home
-- $1 webhook: the park or firm it belongs to. Read as the service, to find the scope of an act.
SELECT webhook.scope_id, head.kind FROM webhook JOIN head ON head.scope_id = webhook.scope_id WHERE webhook.id = $1;

-- name: count
-- $1 scope: how many it has.
SELECT count(*) FROM webhook WHERE scope_id = $1;

-- name: insert
-- $1 scope, $2 id, $3 account, $4 url, $5 label or null: begins behind what has happened so far.
INSERT INTO webhook (scope_id, id, account_id, url, label, cursor_rev, cursor_n)
SELECT scope_id, $2, $3, $4, $5, rev, 2147483647 FROM head WHERE scope_id = $1;

-- name: insert_secret
-- $1 scope, $2 webhook, $3 id, $4 secret.
INSERT INTO webhook_secret (scope_id, webhook_id, id, secret) VALUES ($1, $2, $3, $4);

-- name: lock
-- $1 scope, $2 webhook: locks it and reads the instant after the lock; no row where it is not the caller's.
WITH locked AS MATERIALIZED (SELECT id, paused_at FROM webhook WHERE scope_id = $1 AND id = $2 FOR NO KEY UPDATE)
SELECT paused_at IS NOT NULL AS is_paused, clock_timestamp() AS at FROM locked;

-- name: delete
-- $1 scope, $2 webhook: its secrets go with it.
DELETE FROM webhook WHERE scope_id = $1 AND id = $2;

-- name: page
-- $1 scope or null, $2 webhook or null, $3 after this id or null, $4 limit: as their owners see them.
SELECT w.id, (SELECT row_to_json(d)::text FROM (SELECT
    w.id, CASE WHEN h.kind = 'park' THEN w.scope_id END AS park_id,
    CASE WHEN h.kind = 'firm' THEN w.scope_id END AS firm_id, w.url, w.label, w.created_at,
    CASE WHEN w.paused_at IS NOT NULL THEN 'paused' WHEN w.failing_since IS NOT NULL THEN 'failing'
    ELSE 'active' END AS state,
    w.pause_reason, w.paused_at, w.failing_since, w.attempts,
    CASE WHEN w.failing_since IS NOT NULL AND w.paused_at IS NULL THEN w.next_attempt_at END AS next_attempt_at,
      w.last_result, w.delivered_at, w.cursor_rev AS delivered_rev
  ) AS d) AS document
FROM webhook AS w JOIN head AS h ON h.scope_id = w.scope_id
WHERE ($1::uuid IS NULL OR w.scope_id = $1) AND ($2::uuid IS NULL OR w.id = $2) AND ($3::uuid IS NULL OR w.id > $3)
ORDER BY w.id LIMIT $4;

-- name: resume
-- $1 scope, $2 webhook, $3 the account that vouches for it from now on: goes on where it stopped.
UPDATE webhook SET paused_at = NULL, pause_reason = NULL, failing_since = NULL, attempts = 0,
  next_attempt_at = clock_timestamp(), account_id = $3
WHERE scope_id = $1 AND id = $2;

-- name: secrets
-- $1 scope, $2 webhook: the newest, then those replaced less than a day ago.
SELECT secret FROM (
  SELECT id, secret, lag(created_at) OVER (ORDER BY id DESC) AS replaced_at FROM webhook_secret
    WHERE scope_id = $1 AND webhook_id = $2
) AS known
WHERE replaced_at IS NULL OR replaced_at > clock_timestamp() - interval '1 day' ORDER BY id DESC LIMIT 3;

-- name: forget_secrets
-- Forgets secrets that were replaced more than a day ago.
DELETE FROM webhook_secret AS old WHERE EXISTS (
  SELECT FROM webhook_secret AS newer
  WHERE newer.scope_id = old.scope_id AND newer.webhook_id = old.webhook_id AND newer.id > old.id
    AND newer.created_at < now() - interval '1 day');

-- name: claim
-- $1 events at most, $2 lease as interval: takes the webhook that has waited longest for its next batch, alone until
-- the lease ends. The batch's end is kept, so that a repetition sends the same events under the same number.
WITH due AS MATERIALIZED (
  SELECT w.scope_id, w.id FROM webhook AS w
  WHERE w.paused_at IS NULL AND w.next_attempt_at <= now() AND w.leased_until <= now()
    AND EXISTS (SELECT FROM event AS e WHERE e.scope_id = w.scope_id AND (e.rev, e.n) > (w.cursor_rev, w.cursor_n))
  ORDER BY w.next_attempt_at, w.id LIMIT 1 FOR NO KEY UPDATE OF w SKIP LOCKED
), batch AS (
  SELECT due.scope_id, due.id, coalesce(w.batch_rev, last.rev) AS rev, coalesce(w.batch_n, last.n) AS n
  FROM due JOIN webhook AS w ON w.scope_id = due.scope_id AND w.id = due.id, LATERAL (
    SELECT e.rev, e.n FROM (
      SELECT rev, n FROM event WHERE event.scope_id = w.scope_id AND (event.rev, event.n) > (w.cursor_rev, w.cursor_n)
        ORDER BY rev, n LIMIT $1
    ) AS e ORDER BY e.rev DESC, e.n DESC LIMIT 1
  ) AS last
)
UPDATE webhook AS w SET lease = w.lease + 1, leased_until = clock_timestamp() + $2::interval, batch_rev = batch.rev,
  batch_n = batch.n
FROM batch WHERE w.scope_id = batch.scope_id AND w.id = batch.id
RETURNING w.scope_id, w.id, w.url, w.lease, w.attempts, w.cursor_rev, w.cursor_n, w.batch_rev, w.batch_n,
  (SELECT epoch FROM instance) AS epoch, (SELECT a.is_active
    AND (a.role = 'admin' OR a.firm_id = w.scope_id
    OR EXISTS (SELECT FROM account_park AS p WHERE p.account_id = a.id AND p.park_id = w.scope_id))
   FROM account AS a WHERE a.id = w.account_id) AS is_vouched_for;

-- name: batch
-- $1 scope, $2 and $3 rev and n before the first, $4 and $5 rev and n of the last: the events of a batch, in order.
SELECT e.scope_id, head.kind, e.rev, e.n, e.actor_id, e.act, e.subject_kind, e.subject_id, e.at,
  CASE WHEN e.act = 'demand.new_match' THEN e.body END AS details
FROM event AS e JOIN head ON head.scope_id = e.scope_id
WHERE e.scope_id = $1 AND (e.rev, e.n) > ($2, $3) AND (e.rev, e.n) <= ($4, $5) ORDER BY e.rev, e.n;

-- name: accepted
-- $1 scope, $2 webhook, $3 lease: the cursor moves behind the batch; no row where another worker has taken over.
UPDATE webhook SET cursor_rev = batch_rev, cursor_n = batch_n, batch_rev = NULL, batch_n = NULL,
  leased_until = '-infinity', attempts = 0, failing_since = NULL, last_result = 'accepted',
    delivered_at = clock_timestamp(), next_attempt_at = clock_timestamp()
WHERE scope_id = $1 AND id = $2 AND lease = $3 RETURNING true;

-- name: failed
-- $1 scope, $2 webhook, $3 lease, $4 result, $5 pause as interval: the same batch is due again after it; whether three
-- days have gone by so.
UPDATE webhook SET leased_until = '-infinity', attempts = attempts + 1,
  failing_since = coalesce(failing_since, clock_timestamp()), last_result = $4,
    next_attempt_at = clock_timestamp() + $5::interval
WHERE scope_id = $1 AND id = $2 AND lease = $3 RETURNING failing_since <= clock_timestamp() - interval '3 days';

-- name: pause
-- $1 scope, $2 webhook, $3 lease, $4 reason: no row where it was settled otherwise meanwhile.
UPDATE webhook SET paused_at = act_at(), pause_reason = $4, leased_until = '-infinity'
  WHERE scope_id = $1 AND id = $2 AND lease = $3 AND paused_at IS NULL
RETURNING true;
