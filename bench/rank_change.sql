WITH park AS (SELECT id FROM park ORDER BY id LIMIT 1),
act AS (UPDATE head SET rev = rev + 1 FROM park WHERE scope_id = park.id RETURNING scope_id, rev, clock_timestamp() AS at),
changed AS (
  UPDATE asset SET power_kva = power_kva + 1, changed_at = act.at FROM act
  WHERE park_id = act.scope_id AND asset.id IN (SELECT id FROM asset WHERE park_id = (SELECT id FROM park) ORDER BY random() LIMIT $1::integer)
)
INSERT INTO event (scope_id, rev, n, actor_id, act, subject_kind, subject_id, at, body, digest)
SELECT scope_id, rev, 1, scope_id, 'bench', 'asset', scope_id, at, '{}', '' FROM act
