-- Files of units, parks, deals and requests.

-- name: of_asset
-- $1 unit: the park of one that the caller sees.
SELECT park_id FROM asset_visible WHERE id = $1;

-- name: of_park
-- $1 park: itself, where it is there.
SELECT id AS park_id FROM park_visible WHERE id = $1 AND zone_of IS NULL;

-- name: of_outcome
-- $1 deal: the park of one that the caller sees.
SELECT park_id FROM outcome_visible WHERE id = $1;

-- name: of_service_request
-- $1 request: the park of one that the caller sees.
SELECT park_id FROM service_request_visible WHERE id = $1;

-- name: visible
-- $1 attachment: what the caller sees of it.
SELECT park_id, id, kind, file_name, media_type, sha256, pictures::text AS pictures, revision, is_own, document
FROM attachment_visible WHERE id = $1;

-- name: listed
-- $1 id of a unit, park, deal or request, $2 stage or null for all: what the caller sees of its files, the oldest
-- first.
SELECT document FROM attachment_visible WHERE subject_id = $1 AND ($2::text IS NULL OR stage = $2) ORDER BY id;

-- name: lock_subject
-- $1 id of a unit, park, deal or request: acts that add files to it wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended('attachments ' || $1::text, 0));

-- name: count
-- $1 park, $2 id of a unit, park, deal or request: how many files it has.
SELECT count(*) FROM attachment WHERE park_id = $1 AND subject_id = $2 AND dropped_on IS NULL;

-- name: kinds
-- $1 park, $2 id of a unit, park, deal or request: the kinds of files it has.
SELECT DISTINCT kind FROM attachment WHERE park_id = $1 AND subject_id = $2 AND dropped_on IS NULL;

-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO attachment (park_id, id, asset_id, is_of_park, outcome_id, stage, service_request_id, kind, readers, title,
  taken_on, source, file_name, media_type, size_bytes, sha256, pictures)
SELECT park_id, id, asset_id, is_of_park, outcome_id, stage, service_request_id, kind, readers, title, taken_on,
  source, file_name, media_type, size_bytes, sha256, pictures
FROM jsonb_populate_record(NULL::attachment, $1::jsonb);

-- name: lock
-- $1 park, $2 attachment: one that is there, locked, and the instant after the lock.
WITH locked AS MATERIALIZED (
  SELECT asset_id, is_of_park, outcome_id, service_request_id, kind, readers, media_type, sha256, revision
  FROM attachment WHERE park_id = $1 AND id = $2 AND dropped_on IS NULL FOR NO KEY UPDATE
) SELECT locked.asset_id, locked.is_of_park, locked.outcome_id, locked.service_request_id, locked.kind, locked.readers,
  locked.media_type, locked.sha256, locked.revision, clock_timestamp() AS at FROM locked;

-- name: amend
-- $1 park, $2 attachment, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE attachment SET (kind, readers, title, taken_on, source) = (
  SELECT kind, readers, title, taken_on, source FROM jsonb_populate_record(attachment, $3::jsonb)
), revision = revision + 1 WHERE park_id = $1 AND id = $2;

-- name: drop
-- $1 park, $2 attachment, $3 day, $4 reason: it is hidden from everyone from now on.
UPDATE attachment SET dropped_on = $3, reason = $4, revision = revision + 1 WHERE park_id = $1 AND id = $2;

-- name: referenced
-- $1 day: the SHA-256 of all bytes that something refers to; what was dropped before that day refers to nothing.
SELECT sha256 FROM attachment WHERE dropped_on IS NULL OR dropped_on >= $1
UNION SELECT picture.value ->> 'sha256' FROM attachment CROSS JOIN LATERAL jsonb_each(pictures) AS picture
  WHERE dropped_on IS NULL OR dropped_on >= $1
UNION SELECT file_sha256 FROM import;

-- name: kept
-- Every file that is there, with the SHA-256 of all that is kept of it: to be looked for by doctor.
SELECT park_id, id, array_prepend(sha256, ARRAY(SELECT picture.value ->> 'sha256'
  FROM jsonb_each(pictures) AS picture)) AS hashes
FROM attachment WHERE dropped_on IS NULL ORDER BY park_id, id;
