-- name: zones
-- $1 park: the ids of its zones.
SELECT id FROM zone WHERE park_id = $1;

-- name: insert
-- $1 park, $2 batch, $3 kind, $4 account, $5 file name or null, $6 SHA-256 of the file, hex, or null, $7 the batch it
-- undoes or null, $8 to $13 units registered, amended, published, withdrawn, voided, checked.
INSERT INTO batch (park_id, id, kind, account_id, file_name, file_sha256, undoes, registered, amended, published,
  withdrawn, voided, checked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: page
-- $1 park or null, $2 before this id or null, $3 limit: batches that the caller sees, the latest first, each with the
-- batch that undid it.
SELECT b.id, row_to_json(b)::text AS document FROM (
  SELECT b.id, b.park_id, b.kind, b.account_id, b.file_name, b.file_sha256, b.registered, b.amended, b.published,
    b.withdrawn, b.voided, b.checked, b.undoes, u.id AS undone_by, b.recorded_at
  FROM batch AS b LEFT JOIN batch AS u ON u.park_id = b.park_id AND u.undoes = b.id
  WHERE ($1::uuid IS NULL OR b.park_id = $1) AND ($2::uuid IS NULL OR b.id < $2) ORDER BY b.id DESC LIMIT $3
) AS b;

-- name: home
-- $1 batch: its park. Read as the service, to find the scope of an act.
SELECT park_id FROM batch WHERE id = $1;

-- name: read
-- $1 park, $2 batch: the same of one.
SELECT row_to_json(b)::text AS document FROM (
  SELECT b.id, b.park_id, b.kind, b.account_id, b.file_name, b.file_sha256, b.registered, b.amended, b.published,
    b.withdrawn, b.voided, b.checked, b.undoes, u.id AS undone_by, b.recorded_at
  FROM batch AS b LEFT JOIN batch AS u ON u.park_id = b.park_id AND u.undoes = b.id
  WHERE b.park_id = $1 AND b.id = $2
) AS b;

-- name: instant
-- $1 park, $2 batch: when it was.
SELECT recorded_at FROM batch WHERE park_id = $1 AND id = $2;

-- name: is_undone
-- $1 park, $2 batch.
SELECT EXISTS (SELECT FROM batch WHERE park_id = $1 AND undoes = $2);

-- name: units
-- $1 park, $2 batch: what it did to each unit, the facts it wrote, and what the unit was before; null: not there.
SELECT e.subject_id AS id, e.act, e.body, (
    SELECT to_jsonb(h) || jsonb_build_object('geom', ST_AsGeoJSON(h.geom, 7)::json,
      'point', ST_AsGeoJSON(h.point, 7)::json)
    FROM history.asset AS h WHERE h.park_id = $1 AND h.id = e.subject_id AND h.superseded_at = e.at
  )::text AS before
FROM event AS b JOIN event AS e ON e.scope_id = b.scope_id AND e.rev = b.rev
  AND e.act IN ('asset.registered', 'asset.amended', 'asset.published', 'asset.withdrawn', 'asset.split',
    'asset.retired')
WHERE b.scope_id = $1 AND b.subject_id = $2 AND b.subject_kind = 'batch' ORDER BY e.n;

-- name: built_on
-- $1 park, $2 batch, $3 units: those that anything was built on since: an act of their own, a claim on them or below
-- them, laid or taken away, or a part of theirs that the batch did not bring, and what. Derived facts that follow
-- others are no acts, and on a check nothing is built.
WITH RECURSIVE done AS (SELECT rev, at FROM event WHERE scope_id = $1 AND subject_id = $2 AND subject_kind = 'batch'
  ORDER BY rev LIMIT 1),
below (unit_id, id) AS (
  SELECT id, id FROM asset WHERE park_id = $1 AND id = ANY ($3)
  UNION ALL SELECT below.unit_id, a.id FROM below JOIN asset AS a ON a.park_id = $1 AND a.parent_id = below.id
)
SELECT DISTINCT ON (id) id, act FROM (
  SELECT e.subject_id AS id, e.act FROM done JOIN event AS e ON e.scope_id = $1 AND e.rev > done.rev
    AND e.subject_id = ANY ($3)
    AND e.act NOT IN ('asset.related', 'asset.parted', 'asset.followed', 'asset.checked', 'asset.lapsed')
  UNION ALL
  SELECT below.unit_id, 'claim' FROM done CROSS JOIN below JOIN occupancy AS o ON o.park_id = $1
    AND o.leaf_id = below.id AND o.recorded_at > done.at
  UNION ALL
  SELECT below.unit_id, 'claim' FROM done CROSS JOIN below JOIN history.occupancy AS o ON o.park_id = $1
    AND o.leaf_id = below.id AND o.superseded_at > done.at
) AS act_since ORDER BY id, act;
