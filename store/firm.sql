-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO firm (
  id, credit_code, parent_credit_code, parent_credit_code_source, name, industry_code, is_above_scale, lon, lat,
  registering_park_id, illustrative, search, spelling)
SELECT id, credit_code, parent_credit_code, parent_credit_code_source, name, industry_code, is_above_scale, lon, lat,
  registering_park_id, illustrative, search, spelling
FROM jsonb_populate_record(NULL::firm, $1::jsonb);

-- name: lock
-- $1 firm: locks it and reads the instant after the lock.
WITH locked AS MATERIALIZED (SELECT revision FROM firm WHERE id = $1 FOR NO KEY UPDATE) SELECT revision,
  clock_timestamp() AS at FROM locked;

-- name: named
-- $1 firm: what it is called.
SELECT name, credit_code FROM firm WHERE id = $1;

-- name: place
-- $1 firm: where it produces, degrees; nulls where that is not known.
SELECT lon, lat FROM firm WHERE id = $1;

-- name: amend
-- $1 firm, $2 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE firm SET (
  credit_code, parent_credit_code, parent_credit_code_source, name, industry_code, is_above_scale, lon, lat, search,
    spelling
) = (
  SELECT credit_code, parent_credit_code, parent_credit_code_source, name, industry_code, is_above_scale, lon, lat,
    search, spelling
  FROM jsonb_populate_record(firm, $2::jsonb)
), revision = revision + 1
WHERE id = $1;

-- name: visible
-- $1 firm: what the caller sees of it.
SELECT document, revision FROM firm_visible WHERE id = $1;

-- name: page
-- $1 credit code or null, $2 after this id or null, $3 limit.
SELECT id, document FROM firm_visible WHERE ($1::text IS NULL OR credit_code = $1) AND ($2::uuid IS NULL OR id > $2)
  ORDER BY id LIMIT $3;

-- name: found
-- $1 tsquery, $2 credit code or null, $3 after this id or null, $4 limit.
SELECT id, document FROM firm_visible
WHERE search @@ $1::tsquery AND ($2::text IS NULL OR credit_code = $2) AND ($3::uuid IS NULL OR id > $3) ORDER BY id
  LIMIT $4;

-- name: alike
-- $1 spelling, $2 credit code or null, $3 limit: the nearest first.
SELECT id, document FROM firm_visible WHERE $1 <% spelling AND ($2::text IS NULL OR credit_code = $2)
ORDER BY word_similarity($1, spelling) DESC, id LIMIT $3;

-- name: count_fact
-- What parks read of a firm has changed: rankings look again.
UPDATE firm_fact SET rev = rev + 1;
