-- Filled in by store/cql2.py: {a}, {b}, operands; {a1}, {a2}, {b1}, {b2}, the first and last instant of either, of
-- one type. Numbers are `numeric`, so that no sum overflows; what has no answer is unknown, as a division by zero.

-- name: casei
-- A text without upper and lower case, whatever the locale of the database: ß is ss.
(lower(upper({a} COLLATE "und-x-icu")) COLLATE "C");

-- name: accenti
-- A text without marks above and below its letters.
normalize(regexp_replace(normalize({a}, NFD), '[\u0300-\u036f]', '', 'g'), NFC);

-- name: plus
({a} + {b});

-- name: minus
({a} - {b});

-- name: times
({a} * {b});

-- name: divided
({a} / nullif({b}, 0));

-- name: remainder
({a} % nullif({b}, 0));

-- name: quotient
-- The whole part of it.
div({a}, nullif({b}, 0));

-- name: power
-- 700 is less than the logarithm of the greatest float; ranges come first, as a power or logarithm beyond is an error.
(SELECT CASE WHEN base = 0 AND exponent > 0 THEN 0 WHEN base IS NOT NULL AND exponent = 0 THEN 1
  WHEN abs(base) NOT BETWEEN 1e-300 AND 1e300 OR abs(exponent) NOT BETWEEN 1e-300 AND 1e300 THEN NULL
  WHEN base > 0 OR exponent = trunc(exponent)
    THEN CASE WHEN abs(exponent * ln(abs(base))) < 700 THEN power(base::float8, exponent::float8)::numeric END END
  FROM (SELECT {a} AS base, {b} AS exponent) AS powers);

-- name: s_intersects
ST_Intersects({a}, {b});

-- name: s_disjoint
-- ST_Disjoint takes no collection.
(NOT ST_Intersects({a}, {b}));

-- name: s_equals
ST_Equals({a}, {b});

-- name: s_touches
ST_Touches({a}, {b});

-- name: s_within
ST_Within({a}, {b});

-- name: s_overlaps
ST_Overlaps({a}, {b});

-- name: s_crosses
ST_Crosses({a}, {b});

-- name: s_contains
ST_Contains({a}, {b});

-- name: t_after
({a1} > {b2});

-- name: t_before
({a2} < {b1});

-- name: t_disjoint
({a1} > {b2} OR {a2} < {b1});

-- name: t_intersects
({a1} <= {b2} AND {a2} >= {b1});

-- name: t_equals
({a1} = {b1} AND {a2} = {b2});

-- name: t_contains
-- From here on of intervals alone.
({a1} < {b1} AND {a2} > {b2});

-- name: t_during
({a1} > {b1} AND {a2} < {b2});

-- name: t_finishedby
({a1} < {b1} AND {a2} = {b2});

-- name: t_finishes
({a1} > {b1} AND {a2} = {b2});

-- name: t_meets
({a2} = {b1});

-- name: t_metby
({a1} = {b2});

-- name: t_overlappedby
({a1} > {b1} AND {a1} < {b2} AND {a2} > {b2});

-- name: t_overlaps
({a1} < {b1} AND {a2} > {b1} AND {a2} < {b2});

-- name: t_startedby
({a1} = {b1} AND {a2} > {b2});

-- name: t_starts
({a1} = {b1} AND {a2} < {b2});
