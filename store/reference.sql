-- name: put_industries
-- $1 codes, $2 levels, $3 parents, $4 names, $5 search, $6 spellings: adds what is missing and corrects names; the
-- changed codes.
INSERT INTO industry (code, level, parent, name_zh, search, spelling) SELECT i.code, i.level, i.parent, i.name_zh,
  i.search::tsvector, i.spelling
FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[]) AS i (code, level, parent,
  name_zh, search, spelling)
ON CONFLICT (code) DO UPDATE SET level = excluded.level, parent = excluded.parent, name_zh = excluded.name_zh,
  search = excluded.search, spelling = excluded.spelling
WHERE (industry.level, industry.parent, industry.name_zh)
  IS DISTINCT FROM (excluded.level, excluded.parent, excluded.name_zh)
RETURNING code;

-- name: industries
-- $1 after this code or null, $2 limit: by code.
SELECT row_to_json(i)::text AS document, code FROM (
  SELECT code, level, parent, name_zh FROM industry_visible WHERE $1::text IS NULL OR code > $1 ORDER BY code LIMIT $2
) AS i;

-- name: search_industries
-- $1 tsquery, $2 after this code or null, $3 limit: by code.
SELECT row_to_json(i)::text AS document, code FROM (
  SELECT code, level, parent, name_zh FROM industry_visible
    WHERE search @@ $1::tsquery AND ($2::text IS NULL OR code > $2) ORDER BY code LIMIT $3
) AS i;

-- name: industries_alike
-- $1 spelling, $2 limit: the nearest first.
SELECT row_to_json(i)::text AS document, code FROM (
  SELECT code, level, parent, name_zh FROM industry_visible WHERE $1 <% spelling
    ORDER BY word_similarity($1, spelling) DESC, code LIMIT $2
) AS i;

-- name: unknown_industries
-- $1 codes: those the table does not hold.
SELECT array_agg(c.code ORDER BY c.code) FROM unnest($1::text[]) AS c (code)
  WHERE NOT EXISTS (SELECT FROM industry_visible AS i WHERE i.code = c.code);

-- name: sections
-- The section letter of every division.
SELECT code, parent FROM industry_visible WHERE level = 2 ORDER BY code;

-- name: put_scheme
-- $1 kind, $2 version, $3 body: no row where that version is there already.
INSERT INTO scheme (kind, version, body) VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING RETURNING true;

-- name: scheme_in_force
-- $1 kind: the latest recorded.
SELECT version, body::text FROM scheme_visible WHERE kind = $1 ORDER BY recorded_at DESC, version DESC LIMIT 1;

-- name: scheme_of_version
-- $1 kind, $2 version.
SELECT body::text FROM scheme_visible WHERE kind = $1 AND version = $2;

-- name: schemes
-- All, the latest first.
SELECT row_to_json(s)::text FROM (SELECT kind, version, recorded_at, body FROM scheme_visible ORDER BY kind,
  recorded_at DESC, version DESC) AS s;

-- name: version_in_force
-- $1 kind: the version of the latest recorded.
SELECT version FROM scheme_visible WHERE kind = $1 ORDER BY recorded_at DESC, version DESC LIMIT 1;

-- name: scheme
-- $1 kind: the version in force, whole.
SELECT row_to_json(s)::text FROM (SELECT kind, version, recorded_at, body FROM scheme_visible WHERE kind = $1
  ORDER BY recorded_at DESC, version DESC LIMIT 1) AS s;

-- name: templates
-- The names of the sector templates in force.
SELECT coalesce(array_agg(t.name), '{}') FROM (
  SELECT jsonb_object_keys(coalesce(body -> 'templates', '{}')) AS name FROM (
    SELECT body FROM scheme_visible WHERE kind = 'matching' ORDER BY recorded_at DESC, version DESC LIMIT 1) AS s) AS
      t;
