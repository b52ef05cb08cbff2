-- name: one_snapshot
-- First in its transaction: acts that commit meanwhile are not seen by half.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: events
-- $1 scope, $2 rev, $3 n: the event read last; $4 last scope to be read, $5 how many: the events after it, each with
-- the head of its scope.
WITH page AS (
  SELECT scope_id, rev, n, actor_id, act, subject_kind, subject_id, at, body, digest FROM event
  WHERE (scope_id, rev, n) > ($1, $2::bigint, $3::integer) AND scope_id <= $4 ORDER BY scope_id, rev, n LIMIT $5
)
SELECT page.scope_id, page.rev, n, actor_id, act, subject_kind, subject_id, at, body, digest, head.rev AS head_rev,
  head.hash AS head_hash
FROM page LEFT JOIN head ON head.scope_id = page.scope_id ORDER BY page.scope_id, page.rev, n;

-- name: emptied
-- $1 first scope, $2 last scope, $3 how many at most: heads that count acts of which no event is left.
SELECT scope_id, rev FROM head WHERE scope_id BETWEEN $1 AND $2 AND (rev <> 0 OR hash <> '')
  AND NOT EXISTS (SELECT FROM event WHERE event.scope_id = head.scope_id) ORDER BY scope_id LIMIT $3;

-- name: earlier_than_before
-- $1 scope, $2 how many at most: acts whose instant lies before that of the act before them.
SELECT rev FROM (SELECT rev, at, lag(at) OVER (ORDER BY rev) AS before FROM event WHERE scope_id = $1 AND n = 1) AS act
WHERE at < before ORDER BY rev LIMIT $2;

-- name: digests
-- $1 scope, $2 acts: their digests.
SELECT rev, digest FROM event WHERE scope_id = $1 AND n = 1 AND rev = ANY ($2::bigint[]) ORDER BY rev;

-- name: digests_after
-- $1 scope, $2 rev read last, $3 how many: the digests of the acts after it.
SELECT rev, digest FROM event WHERE scope_id = $1 AND n = 1 AND rev > $2 ORDER BY rev LIMIT $3;

-- name: heads
-- Every scope's head, where it has acts.
SELECT scope_id, rev, hash FROM head WHERE rev > 0 ORDER BY scope_id;
