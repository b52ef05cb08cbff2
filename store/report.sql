-- name: outcomes
-- $1 park or null, $2 deal or null, $3 limit, $4 first and $5 last day on which it is to count as revived:
-- deals the caller sees, with the names of who and what they are about, what supervision knows, how many there are.
SELECT count(*) OVER () AS count, o.document, f.name AS firm, g.name AS owner, p.name_zh AS park_zh,
  coalesce(p.name_en, p.name_zh) AS park_en,
  (SELECT string_agg(coalesce(a.code || ' ' || a.name, u.one ->> 'asset_id'), '；' ORDER BY a.code)
   FROM jsonb_array_elements(o.document::jsonb -> 'assets') AS u (one) LEFT
     JOIN asset_visible AS a ON a.id = (u.one ->> 'asset_id')::uuid) AS units,
  CASE WHEN $2::uuid IS NOT NULL THEN (SELECT s.document FROM supervision_visible AS s
    WHERE s.park_id = o.park_id AND s.id = o.id) END AS supervision
FROM outcome_visible AS o
JOIN firm_visible AS f ON f.id = o.firm_id
JOIN park_visible AS p ON p.id = o.park_id
LEFT JOIN firm_visible AS g ON g.id = (o.document::jsonb ->> 'owner_firm_id')::uuid
WHERE ($1::uuid IS NULL OR o.park_id = $1) AND ($2::uuid IS NULL OR o.id = $2)
  AND ($4::date IS NULL OR EXISTS (
    SELECT FROM jsonb_array_elements(nullif(o.document::jsonb -> 'revivals', 'null')) AS r (one)
    WHERE r.one ->> 'verdict' = 'counted' AND (r.one ->> 'revived_on')::date BETWEEN $4 AND $5))
ORDER BY o.opened_on, o.id LIMIT $3;

-- name: need
-- $1 firm, $2 need of it: what it is called, and whose it is.
SELECT d.title, f.name AS firm FROM demand AS d JOIN firm_visible AS f ON f.id = d.firm_id
  WHERE d.firm_id = $1 AND d.id = $2;

-- name: parks
-- $1 parks: their names.
SELECT name_zh, coalesce(name_en, name_zh) AS name_en FROM park_visible
WHERE zone_of IS NULL AND id = ANY ($1::uuid[]) ORDER BY id;
