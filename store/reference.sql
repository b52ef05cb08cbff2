-- name: put_industries
-- $1 codes, $2 levels, $3 parents, $4 names: adds what is missing and corrects names; the changed codes.
INSERT INTO industry (code, level, parent, name_zh) SELECT i.code, i.level, i.parent, i.name_zh
FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[]) AS i (code, level, parent, name_zh)
ON CONFLICT (code) DO UPDATE SET level = excluded.level, parent = excluded.parent, name_zh = excluded.name_zh
WHERE (industry.level, industry.parent, industry.name_zh) IS DISTINCT FROM (excluded.level, excluded.parent, excluded.name_zh)
RETURNING code;

-- name: search_industries
-- $1 text or null, $2 code prefix or null, $3 after this code or null, $4 limit: by code.
SELECT row_to_json(i)::text AS document, code FROM (
  SELECT code, level, parent, name_zh FROM industry_visible
  WHERE ($1::text IS NULL OR name_zh ILIKE '%' || $1 || '%') AND ($2::text IS NULL OR code LIKE $2 || '%') AND ($3::text IS NULL OR code > $3)
  ORDER BY code LIMIT $4
) AS i;

-- name: unknown_industries
-- $1 codes: those the table does not hold.
SELECT array_agg(c.code ORDER BY c.code) FROM unnest($1::text[]) AS c (code) WHERE NOT EXISTS (SELECT FROM industry_visible AS i WHERE i.code = c.code);

-- name: sections
-- The section letter of every division.
SELECT code, parent FROM industry_visible WHERE level = 2 ORDER BY code;

-- name: put_scheme
-- $1 kind, $2 version, $3 body: no row where that version is there already.
INSERT INTO scheme (kind, version, body) VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING RETURNING true;

-- name: scheme_in_force
-- $1 kind: the latest recorded.
SELECT version, body::text FROM scheme_visible WHERE kind = $1 ORDER BY recorded_at DESC, version DESC LIMIT 1;

-- name: schemes
-- All, the latest first.
SELECT row_to_json(s)::text FROM (SELECT kind, version, recorded_at, body FROM scheme_visible ORDER BY kind, recorded_at DESC, version DESC) AS s;
