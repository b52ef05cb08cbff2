-- Filled in by store/demand.py: {columns}, those of the facts that can change.

-- name: home
-- $1 demand: the firm whose need it is. Read as the service, to find the scope of an act.
SELECT firm_id, listing = 'published' AS is_published FROM demand WHERE id = $1;

-- name: lock
-- $1 firm, $2 demand: locks the need and reads the instant after the lock; no row where it is not the firm's.
WITH locked AS MATERIALIZED (
  SELECT id, version, listing, revision, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
    floor_area_m2_pref, floor_area_m2_max, power_kva_min, power_kva_pref,
    attributes, importances, within IS NOT NULL AS has_within
  FROM demand WHERE firm_id = $1 AND id = $2 FOR NO KEY UPDATE
)
SELECT id, version, listing, revision, land_area_m2_min, land_area_m2_pref, land_area_m2_max, floor_area_m2_min,
  floor_area_m2_pref, floor_area_m2_max, power_kva_min, power_kva_pref, attributes::text, importances::text,
  has_within, clock_timestamp() AS at
FROM locked;

-- name: insert
-- $1 facts, JSON by column name.
INSERT INTO demand (firm_id, id, version, illustrative, listing, {columns})
SELECT firm_id, id, version, illustrative, listing, {columns} FROM jsonb_populate_record(
  NULL::demand,
  '{"version": 1, "product_codes": [], "needs_chemical_park": false, "timing_tolerance_days": 60, "importances": {},
    "attributes": {}, "effluent_types": [], "places": [], "equipment": [], "policies": [], "illustrative": [],
    "audience": "parks", "listing": "draft"}'::jsonb || $1::jsonb);

-- name: amend
-- $1 firm, $2 demand, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE demand SET (illustrative, {columns}) = (
  SELECT illustrative, {columns} FROM jsonb_populate_record(demand, $3::jsonb)
), version = version + 1, revision = revision + 1
WHERE firm_id = $1 AND id = $2;

-- name: list_as
-- $1 firm, $2 demand, $3 listing.
UPDATE demand SET listing = $3, revision = revision + 1 WHERE firm_id = $1 AND id = $2;

-- name: visible
-- $1 demand: what the caller sees of it.
SELECT document, revision, firm_id FROM demand_visible WHERE id = $1;

-- name: page
-- $1 firm or null, $2 after this id or null, $3 limit: needs the caller may read, by id.
SELECT id, document FROM demand_visible
WHERE ($1::uuid IS NULL OR firm_id = $1) AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3;

-- name: published
-- $1 limit: published needs the caller may read, the newest first, JSON text; the firm's own industry where no product
-- is declared.
SELECT d.document, CASE WHEN d.product_codes = '{}' THEN f.industry_code END AS registered_industry_code
FROM demand_visible AS d LEFT JOIN firm_visible AS f ON f.id = d.firm_id WHERE d.listing = 'published'
  ORDER BY d.id DESC LIMIT $1;

-- name: own
-- $1 firm, $2 demand: the need, JSON text, whether or not it is published.
SELECT revision, demand_document(demand) AS document FROM demand WHERE firm_id = $1 AND id = $2;

-- name: facts
-- $1 firm, $2 demand: the need as the ranking takes it, JSON text; the firm's own industry where no product is
-- declared.
SELECT version, demand_document(demand) AS document,
  CASE WHEN product_codes = '{}' THEN industry_code END AS registered_industry_code
FROM demand JOIN firm ON firm.id = firm_id WHERE firm_id = $1 AND demand.id = $2;

-- name: insert_ranking
-- $1 firm, $2 ranking, $3 demand, $4 its version, $5 day, $6 model version, $7 chain version, $8 inputs, $9 answer.
INSERT INTO ranking (firm_id, id, demand_id, demand_version, day, model_version, chain_version, inputs, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: ranking_home
-- $1 ranking: the need it answered. Read as the service.
SELECT demand_id FROM ranking WHERE id = $1;

-- name: ranking
-- $1 firm, $2 ranking.
SELECT id, demand_id, demand_version, day, recorded_at, answer FROM ranking WHERE firm_id = $1 AND id = $2;

-- name: replayable
-- $1 firm, $2 ranking: what it rested on, and what was answered.
SELECT day, model_version, chain_version, inputs::text, answer::text FROM ranking WHERE firm_id = $1 AND id = $2;

-- name: rankings_page
-- $1 firm, $2 demand, $3 after this id or null, $4 limit: rankings of a need, by id.
SELECT r.id, row_to_json(r)::text AS document FROM (
  SELECT id, demand_version, day, model_version, chain_version, recorded_at FROM ranking
  WHERE firm_id = $1 AND demand_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
) AS r;
