-- name: asset
-- Every unit's key, name and code.
SELECT id::text AS key, name, code FROM asset;

-- name: fill_asset
-- $1 keys, $2 vectors, $3 spellings.
UPDATE asset SET search = f.search::tsvector, spelling = f.spelling FROM unnest($1::text[], $2::text[], $3::text[]) AS f (key, search, spelling)
WHERE asset.id = f.key::uuid;

-- name: firm
-- The same of firms.
SELECT id::text AS key, name, credit_code AS code FROM firm;

-- name: fill_firm
-- $1 keys, $2 vectors, $3 spellings.
UPDATE firm SET search = f.search::tsvector, spelling = f.spelling FROM unnest($1::text[], $2::text[], $3::text[]) AS f (key, search, spelling)
WHERE firm.id = f.key::uuid;

-- name: industry
-- The same of industries.
SELECT code AS key, name_zh AS name, code FROM industry;

-- name: fill_industry
-- $1 keys, $2 vectors, $3 spellings.
UPDATE industry SET search = f.search::tsvector, spelling = f.spelling FROM unnest($1::text[], $2::text[], $3::text[]) AS f (key, search, spelling)
WHERE industry.code = f.key;
