-- name: heads
-- $1 scopes: the epoch, and up to where each scope has come.
SELECT instance.epoch, array_agg(head.scope_id ORDER BY head.scope_id) AS scopes,
  array_agg(head.rev ORDER BY head.scope_id) AS revs
FROM instance LEFT JOIN head ON head.scope_id = ANY ($1::uuid[]) GROUP BY instance.epoch;

-- name: after
-- $1 scopes, $2 rev and $3 n of the last event known in each, $4 limit: what came after, in order within a scope,
-- scopes taking turns.
SELECT later.scope_id, later.kind, later.rev, later.n, later.actor_id, later.act, later.subject_kind, later.subject_id,
  later.at, later.details
FROM unnest($1::uuid[], $2::bigint[], $3::integer[]) AS known (scope_id, rev, n), LATERAL (
  SELECT e.scope_id, head.kind, e.rev, e.n, e.actor_id, e.act, e.subject_kind, e.subject_id, e.at, e.details,
    row_number() OVER (ORDER BY e.rev, e.n) AS turn FROM (
    SELECT event.scope_id, event.rev, event.n, event.actor_id, event.act, event.subject_kind, event.subject_id,
      event.at, CASE WHEN event.act = 'demand.new_match' THEN event.body END AS details FROM event
    WHERE event.scope_id = known.scope_id AND (event.rev, event.n) > (known.rev, known.n) ORDER BY event.rev, event.n
      LIMIT $4
  ) AS e JOIN head ON head.scope_id = e.scope_id
) AS later
ORDER BY later.turn, later.scope_id LIMIT $4;

-- name: alive
-- Whether the listening connection still answers.
SELECT 1;
