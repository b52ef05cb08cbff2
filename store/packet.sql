-- What a packet holds of a unit, a deal or a period: its acts, their place in the chain of its park, its files.

-- name: attachments
-- $1 park, $2 id of a unit or deal: its files, with their facts as staff read them.
SELECT id, file_name, media_type, sha256, attachment_document(attachment, true) AS document FROM attachment
WHERE park_id = $1 AND subject_id = $2 AND dropped_on IS NULL ORDER BY id;

-- name: attachments_of_period
-- $1 park, $2 first instant, $3 instant after the last: the files that were added meanwhile and are there still.
SELECT a.id, a.file_name, a.media_type, a.sha256, attachment_document(a, true) AS document FROM attachment AS a
WHERE a.park_id = $1 AND a.dropped_on IS NULL AND EXISTS (SELECT FROM event AS e WHERE e.scope_id = $1
  AND e.subject_id = a.id AND e.act = 'attachment.added' AND e.at >= $2 AND e.at < $3) ORDER BY a.id;

-- name: acts
-- $1 park, $2 subjects: the acts that did something to them, and to files of them, those dropped too.
SELECT DISTINCT rev FROM event WHERE scope_id = $1
  AND (subject_id = ANY ($2::uuid[])
    OR subject_id IN (SELECT id FROM attachment WHERE park_id = $1 AND subject_id = ANY ($2::uuid[]))) ORDER BY rev;

-- name: acts_of_period
-- $1 park, $2 first instant, $3 instant after the last: its acts.
SELECT DISTINCT rev FROM event WHERE scope_id = $1 AND at >= $2 AND at < $3 ORDER BY rev;

-- name: events
-- $1 park, $2 acts: all events of each, as the digest of the act is made of all of them.
SELECT rev, n, actor_id, act, subject_kind, subject_id, at, body FROM event
WHERE scope_id = $1 AND rev = ANY ($2::bigint[]) ORDER BY rev, n;

-- name: digests
-- $1 park: the digest of every act, from the first.
SELECT rev, digest FROM event WHERE scope_id = $1 AND n = 1 ORDER BY rev;

-- name: head
-- $1 park: how many acts it has, and the hash that follows from them.
SELECT rev, hash FROM head WHERE scope_id = $1;
