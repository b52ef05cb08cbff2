-- name: outcomes
-- $1 park or null, $2 deal or null, $3 limit, $4 first and $5 last day on which it is to count as revived:
-- deals the caller sees, with the codes and names of who and what they are about, how many there are; of one deal also
-- its tenancies, as the caller sees them, and what supervision knows.
SELECT count(*) OVER () AS count, o.document, f.name AS firm, g.name AS owner, p.name_zh AS park_zh,
  coalesce(p.name_en, p.name_zh) AS park_en,
  u.codes, u.units, CASE WHEN $2::uuid IS NOT NULL THEN (
    SELECT json_agg(json_build_object('code', a.code, 'starts_on', lower(t.during), 'ends_on', upper(t.during) - 1,
      'state', t.state, 'rent', t.document::json -> 'rent_yuan_m2_month') ORDER BY lower(t.during), a.code)::text
    FROM tenancy_visible AS t LEFT JOIN asset_visible AS a ON a.id = t.asset_id
    WHERE t.park_id = o.park_id AND (t.document::json ->> 'outcome_id')::uuid = o.id
      AND NOT (t.document::json ->> 'is_corrected')::boolean) END AS tenancies,
  CASE WHEN $2::uuid IS NOT NULL THEN (SELECT s.document FROM supervision_visible AS s
    WHERE s.park_id = o.park_id AND s.id = o.id) END AS supervision
FROM outcome_visible AS o
JOIN firm_visible AS f ON f.id = o.firm_id
JOIN park_visible AS p ON p.id = o.park_id
LEFT JOIN firm_visible AS g ON g.id = (o.document::jsonb ->> 'owner_firm_id')::uuid
CROSS JOIN LATERAL (
  SELECT string_agg(a.code, '；' ORDER BY a.code) AS codes, string_agg(a.name, '；' ORDER BY a.code) AS units
  FROM jsonb_array_elements(nullif(o.document::jsonb -> 'assets', 'null')) AS one JOIN asset_visible AS a
    ON a.id = (one ->> 'asset_id')::uuid) AS u
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
-- $1 park or null for all whose rows the caller reads: their names.
SELECT name_zh, coalesce(name_en, name_zh) AS name_en FROM park_visible
WHERE zone_of IS NULL AND CASE WHEN $1::uuid IS NULL
  THEN id = ANY (string_to_array(nullif(current_setting('app.park_ids', true), ''), ',')::uuid[]) ELSE id = $1 END
ORDER BY id;

-- name: industries
-- $1 codes: their names.
SELECT code, name_zh FROM industry_visible WHERE code = ANY ($1::text[]);
