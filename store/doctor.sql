-- Each query gives one row per thing that is wrong: `what` names it. All read as the service. {flat}: the flat feature
-- of a unit, of flat.sql.

-- name: constraints
-- Rules the database does not hold for all rows, and indexes it cannot use.
SELECT conrelid::regclass || '.' || conname AS what FROM pg_constraint
WHERE connamespace IN ('panhuo'::regnamespace, 'history'::regnamespace) AND NOT convalidated
UNION ALL
SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
WHERE c.relnamespace IN ('panhuo'::regnamespace, 'history'::regnamespace) AND NOT indisvalid
ORDER BY what LIMIT $1;

-- name: outlines
-- Outlines that are no valid MultiPolygon on WGS 84, and what does not meet its park.
SELECT a.park_id || '/' || a.code || ': ' || CASE
  WHEN ST_Intersects(coalesce(a.geom, a.point), p.boundary) THEN ST_IsValidReason(a.geom)
  ELSE 'outside park ' || p.code END AS what
FROM asset AS a JOIN park AS p ON p.id = a.park_id
WHERE NOT ST_IsValid(a.geom) OR ST_GeometryType(a.geom) <> 'ST_MultiPolygon' OR ST_SRID(a.geom) <> 4326
  OR NOT ST_Intersects(coalesce(a.geom, a.point), p.boundary)
ORDER BY a.park_id, a.code LIMIT $1;

-- name: unplaced
-- Units without an outline, and how many of them have a point: by park, no fault.
SELECT p.code || ': ' || count(*) || ' (' || count(a.point) || ')' AS what
FROM asset AS a JOIN park AS p ON p.id = a.park_id WHERE a.geom IS NULL
GROUP BY p.code ORDER BY p.code LIMIT $1;

-- name: zones
-- Zones that leave their park by more than 1 m².
SELECT z.park_id || '/' || z.code AS what FROM zone AS z JOIN park AS p ON p.id = z.park_id
WHERE NOT ST_CoveredBy(z.boundary, p.boundary) AND ST_Area(ST_Difference(z.boundary, p.boundary)::geography) > 1
ORDER BY z.park_id, z.code LIMIT $1;

-- name: areas
-- Measured areas that do not follow from their outlines, by more than 0.01 m² and a millionth; positions that lie
-- elsewhere, by more than 1e-6 degrees.
SELECT park_id || '/' || code || ': ' || measured_area_m2 || ' / '
  || round(ST_Area(geom::geography)::numeric, 2) AS what FROM asset
WHERE abs(measured_area_m2 - ST_Area(geom::geography)::numeric) > greatest(0.01, measured_area_m2 * 0.000001)
UNION ALL
SELECT park_id || '/' || code || ': ' || concat_ws(' ', lon_e7, lat_e7) || ' / '
  || concat_ws(' ', round(ST_X(at) * 1e7), round(ST_Y(at) * 1e7))
FROM asset CROSS JOIN LATERAL coalesce(ST_PointOnSurface(geom), point) AS at
WHERE num_nulls(lon_e7, ST_X(at)) = 1 OR abs(lon_e7 - ST_X(at) * 1e7) > 10 OR abs(lat_e7 - ST_Y(at) * 1e7) > 10
ORDER BY what LIMIT $1;

-- name: overlaps
-- Parts of one whole on one floor that overlap by more than 1 m².
SELECT a.park_id || '/' || a.code || ' + ' || b.code AS what
FROM asset AS a JOIN asset AS b ON b.park_id = a.park_id AND b.parent_id = a.parent_id AND b.id > a.id
  AND b.floor_no IS NOT DISTINCT FROM a.floor_no
  AND b.geom && a.geom AND a.retired_on IS NULL AND b.retired_on IS NULL
WHERE ST_Area(ST_Intersection(a.geom, b.geom)::geography) > 1
ORDER BY a.park_id, a.code LIMIT $1;

-- name: wholes
-- Parts that leave their whole by more than 1 m², and wholes whose parts state more than they do by more than 0.5 %.
SELECT part.park_id || '/' || part.code || ' > ' || whole.code AS what
FROM asset AS part JOIN asset AS whole ON whole.park_id = part.park_id AND whole.id = part.parent_id
WHERE part.retired_on IS NULL AND NOT ST_CoveredBy(part.geom, whole.geom)
  AND ST_Area(ST_Difference(part.geom, whole.geom)::geography) > 1
UNION ALL
SELECT whole.park_id || '/' || whole.code || ' < ' || sum(part.area_m2) || ' m²'
FROM asset AS whole JOIN asset AS part ON part.park_id = whole.park_id AND part.parent_id = whole.id
  WHERE whole.level IN ('plot', 'part', 'floor') AND part.retired_on IS NULL
GROUP BY whole.park_id, whole.id, whole.code, whole.area_m2
  HAVING bool_and(part.area_m2 IS NOT NULL) AND sum(part.area_m2) > whole.area_m2 * 1.005
ORDER BY what LIMIT $1;

-- name: availability
-- $2 today: what readers see of a unit and what follows from claims and listing, and from its whole.
SELECT a.park_id || '/' || a.code || ': ' || CASE WHEN a.availability <> d.availability
  THEN a.availability || ' / ' || d.availability
  ELSE a.inherited::text || ' / ' || inherited_facts(a)::text END AS what
FROM park AS p CROSS JOIN LATERAL derived_availability(p.id, NULL, $2) AS d
  JOIN asset AS a ON a.park_id = p.id AND a.id = d.id
WHERE a.availability <> d.availability OR a.inherited <> inherited_facts(a) ORDER BY a.park_id, a.code LIMIT $1;

-- name: holdings
-- Who holds a title now, and what follows from the ledger.
WITH given AS (
  SELECT t.park_id, l.title, l.party, sum(l.amount) AS share FROM ledger_transaction AS t, unnest(t.lines) AS l
  WHERE l.party <> '00000000-0000-0000-0000-000000000000' GROUP BY t.park_id, l.title, l.party
    HAVING sum(l.amount) <> 0
), kept AS (SELECT h.park_id, h.title, s.party, s.share FROM holding AS h, unnest(h.shares) AS s)
SELECT DISTINCT park_id || '/' || title AS what FROM given FULL JOIN kept USING (park_id, title, party)
WHERE given.share IS DISTINCT FROM kept.share ORDER BY what LIMIT $1;

-- name: deals
-- Open deals that claim nothing; at an auction title passes, and the claim ends, when the ruling is served; a renewal
-- claims the use alone.
SELECT park_id || '/' || id || ': ' || stage AS what FROM outcome AS o
WHERE stage IN ('opened', 'reserved', 'signed', 'proposed', 'due_diligence', 'valuation', 'resolved', 'contracted',
  'tax_cleared')
  AND renews_tenancy_id IS NULL
  AND NOT EXISTS (SELECT FROM occupancy AS c WHERE c.park_id = o.park_id AND c.source_id = o.id AND c.claim = 'deal')
  AND NOT EXISTS (SELECT FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id
    AND m.kind = 'ruling_served'
    AND m.evidence IS NOT NULL AND NOT m.is_reversed)
ORDER BY park_id, id LIMIT $1;

-- name: promises
-- Figures promised twice before that was refused, which do not count; and reports that count though their period lies
-- outside the days of their figure.
SELECT i.park_id || '/' || i.outcome_id || ': ' || i.name || ' ' || i.starts_on || ' – ' || coalesce(i.due_on::text,
  '…')
  || ', agreement ' || i.agreement_id AS what FROM indicator AS i WHERE i.state = 'double'
UNION ALL
SELECT r.park_id || '/' || r.outcome_id || ': ' || i.name || ' report ' || r.year || coalesce(' Q' || r.quarter, '')
FROM report AS r JOIN indicator AS i ON i.park_id = r.park_id AND i.id = r.indicator_id
WHERE r.is_counted AND i.state = 'in_force'
  AND NOT daterange(i.starts_on, CASE i.per WHEN 'year' THEN i.due_on END, '[]') && daterange(
    make_date(r.year, coalesce(3 * r.quarter - 2, 1), 1),
    (make_date(r.year, coalesce(3 * r.quarter, 12), 1) + interval '1 month')::date)
ORDER BY what LIMIT $1;

-- name: claims
-- $2 today: leaves that a deal has by its whole, or with its plot, and that nobody claims from the first day of its
-- claim on.
WITH deal AS (
  SELECT park_id, source_id, claim, min(lower(during)) AS starts_on FROM occupancy WHERE claim_stands(occupancy, $2)
  GROUP BY park_id, source_id, claim
)
SELECT d.park_id || '/' || a.code || ': ' || d.claim || ' ' || d.source_id AS what
FROM deal AS d CROSS JOIN LATERAL leaves_of_deal(d.park_id, d.source_id) AS l
  JOIN asset AS a ON a.park_id = d.park_id AND a.id = l.leaf_id
WHERE NOT EXISTS (SELECT FROM occupancy AS o
  WHERE o.park_id = d.park_id AND o.leaf_id = l.leaf_id AND o.claim = d.claim
    AND o.during && daterange(d.starts_on, NULL))
ORDER BY d.park_id, a.code, d.claim, d.source_id LIMIT $1;

-- name: space
-- $2 today: plots, or buildings, that overlap by over 5 % of the smaller, are not said to be separate, and that two
-- deals claim on one day from today on.
SELECT a.park_id || '/' || a.code || ' + ' || b.code AS what
FROM asset AS a JOIN asset AS b ON b.park_id = a.park_id AND b.root_id = b.id AND b.level = a.level AND b.id > a.id
  AND b.geom && a.geom
WHERE a.root_id = a.id AND overlap_share(a.geom, b.geom) > 0.05
  AND NOT EXISTS (SELECT FROM separation AS s WHERE s.park_id = a.park_id AND s.asset_id = a.id AND s.other_id = b.id)
  AND EXISTS (
    SELECT FROM asset AS one JOIN occupancy AS mine ON mine.park_id = one.park_id AND mine.leaf_id = one.id
    JOIN asset AS other ON other.park_id = one.park_id AND other.root_id = b.id
    JOIN occupancy AS theirs ON theirs.park_id = other.park_id AND theirs.leaf_id = other.id
    WHERE one.park_id = a.park_id AND one.root_id = a.id AND theirs.claim = mine.claim
      AND theirs.source_id <> mine.source_id
      AND NOT isempty(theirs.during * mine.during * daterange($2, NULL)))
ORDER BY a.park_id, a.code, b.code LIMIT $1;

-- name: codes
-- Codes that differ from another unit's in blanks, width or case alone.
SELECT park_id || '/' || code AS what FROM asset WHERE is_code_doubled ORDER BY park_id, code LIMIT $1;

-- name: revivals
-- What counted before there was a rule of counting and has not been judged by it.
SELECT r.park_id || '/' || r.outcome_id || ': ' || r.revived_from AS what FROM revival AS r
WHERE r.version = 'revival-0' AND r.verdict <> 'corrected' ORDER BY r.park_id, r.outcome_id, r.leaf_id LIMIT $1;

-- name: features
-- What readers of /ogc get that is not what the unit says, and counters that do not count.
SELECT a.park_id || '/' || a.code AS what FROM asset AS a JOIN park AS p ON p.id = a.park_id
WHERE a.flat IS DISTINCT FROM {flat}
UNION ALL
SELECT park_id || ' ' || collection || ': ' || n || ' / ' || features FROM miscounted() LIMIT $1;

-- name: unchangeable
-- Guards of events and ledger that are gone, off for some, or let something pass; 27: rows before UPDATE and DELETE,
-- 34: TRUNCATE.
SELECT relation || '.' || guard AS what
FROM (VALUES ('event', 'refuse_change', 27), ('event', 'refuse_truncate', 34),
  ('ledger_transaction', 'refuse_change', 27), ('ledger_transaction', 'refuse_truncate', 34)) AS wanted (relation,
    guard, kind)
WHERE NOT EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
  WHERE t.tgrelid = to_regclass('panhuo.' || relation) AND t.tgname = guard AND t.tgtype = kind AND t.tgenabled = 'A'
    AND t.tgqual IS NULL AND t.tgattr = '' AND p.pronamespace = 'panhuo'::regnamespace AND p.proname = 'refuse_change'
    AND btrim(p.prosrc, E' \n') LIKE 'BEGIN%RAISE EXCEPTION%END' AND p.prosrc NOT LIKE '%RETURN%')
ORDER BY what LIMIT $1;
