-- Filled in by store/asset.py: {idle_leaves}, the query of idle.sql; {columns}, those of the facts that can change;
-- {shared}, those that hold of each part of a unit; {flat}, of flat.sql;
-- {feature}, in a system.
-- Where many are joined to what lies near them, park and kind are asked `IS TRUE`: no index serves that, so that place
-- finds them. In a table whose statistics are not there yet, all units of the park would be read for each.

-- name: home
-- $1 unit: the park it lies in, its root, and whether the public sees it. Read as the service, to find the scope of an
-- act.
SELECT park_id, root_id, level, listing = 'published' AS is_public FROM asset WHERE id = $1;

-- name: lock_roots
-- $1 park, $2 units: locks the rows at the top of their trees in one order, and reads the instant after the last lock.
WITH locked AS MATERIALIZED (
  SELECT id FROM asset
  WHERE park_id = $1 AND id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT array_agg(id) AS roots, clock_timestamp() AS at FROM locked;

-- name: lock_drawing
-- $1 park: acts that draw in it wait for each other from here to their end, else two new neighbours would not meet.
SELECT pg_advisory_xact_lock(hashtextextended('drawing ' || $1::text, 0));

-- name: lock_drawn
-- $1 park, $2 units, $3 plot a building is to stand on, or null, $4 new outline of a root, hex WKB, or null, $5
-- whether a root is drawn, named or moved: locks in one order their roots, the plots these stand on, the buildings on
-- these, and then the roots around; reads the instant after the last lock.
WITH asked AS MATERIALIZED (
  SELECT r.id, r.plot_id, r.geom FROM asset AS r
  WHERE r.park_id = $1 AND r.id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
), near AS MATERIALIZED (
  SELECT v.id FROM (
    SELECT geom FROM asked UNION ALL SELECT ST_SetSRID($4::geometry, 4326) WHERE $4 IS NOT NULL
  ) AS drawn JOIN asset_visible AS v ON v.park_id = $1 AND v.root_id = v.id AND v.geom && drawn.geom
  WHERE $5
), locked AS MATERIALIZED (
  SELECT id FROM asset
  WHERE park_id = $1 AND id = ANY (ARRAY(
    SELECT id FROM asked UNION SELECT plot_id FROM asked UNION SELECT $3 UNION SELECT id FROM near
    UNION SELECT b.id FROM asked JOIN asset AS b ON b.park_id = $1 AND b.plot_id = asked.id))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT (SELECT array_agg(DISTINCT id) FROM near) AS near, count(*), clock_timestamp() AS at FROM locked;

-- name: lock_many
-- $1 park, $2 units that change or get parts, $3 those among them that are drawn or named anew, $4 plots that are
-- named, $5 new outlines of roots, hex WKB: locks in one order their roots, the plots these stand on, the buildings on
-- these, and the roots around what is drawn; reads the instant after the last lock.
WITH root AS MATERIALIZED (
  SELECT r.id, r.plot_id, r.geom, EXISTS (
      SELECT FROM asset AS a WHERE a.park_id = $1 AND a.root_id = r.id AND a.id = ANY ($3)) AS is_drawn
  FROM asset AS r
  WHERE r.park_id = $1 AND r.id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
), near AS MATERIALIZED (
  SELECT DISTINCT o.id FROM (
    SELECT geom FROM root WHERE is_drawn UNION ALL
    SELECT ST_SetSRID(outline::geometry, 4326) FROM unnest($5::text[]) AS outline
  ) AS drawn JOIN asset_visible AS o ON (o.park_id = $1) IS TRUE AND o.root_id = o.id AND o.geom && drawn.geom
), locked AS MATERIALIZED (
  SELECT id FROM asset
  WHERE park_id = $1 AND id = ANY (ARRAY(
    SELECT id FROM root UNION SELECT plot_id FROM root UNION SELECT unnest($4::uuid[]) UNION SELECT id FROM near
    UNION SELECT b.id FROM root JOIN asset AS b ON b.park_id = $1 AND b.plot_id = root.id WHERE root.is_drawn))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT (SELECT array_agg(id) FROM near) AS near, count(*), clock_timestamp() AS at FROM locked;

-- name: lock_for_outcome
-- $1 park, $2 units of a deal: locks in one order their roots, the buildings on these, and the roots of their level
-- that overlap any of them, so that two deals on one piece of ground meet; reads the instant after the last lock.
WITH taken AS MATERIALIZED (
  SELECT r.id, r.level, r.geom FROM asset AS r
  WHERE r.park_id = $1 AND r.id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
  UNION
  SELECT b.id, b.level, b.geom FROM asset AS b
  WHERE b.park_id = $1 AND b.plot_id = ANY (ARRAY(SELECT root_id FROM asset WHERE park_id = $1 AND id = ANY ($2)))
), locked AS MATERIALIZED (
  SELECT id FROM asset
  WHERE park_id = $1 AND id = ANY (ARRAY(
    SELECT id FROM taken
    UNION SELECT v.id FROM taken JOIN asset_visible AS v ON v.park_id = $1 AND v.root_id = v.id
      AND v.level = taken.level AND v.geom && taken.geom
      WHERE overlap_share(taken.geom, v.geom) > 0.05))
  ORDER BY id FOR NO KEY UPDATE
)
SELECT count(*), clock_timestamp() AS at FROM locked;

-- name: roots_for_outcome
-- $1 park, $2 units of a deal: the roots of their trees, and the buildings on these.
-- Joined: a list that a query makes is looked through for each row.
WITH root AS MATERIALIZED (SELECT DISTINCT root_id AS id FROM asset WHERE park_id = $1 AND id = ANY ($2))
SELECT id FROM root UNION SELECT a.id FROM root JOIN asset AS a ON a.park_id = $1 AND a.plot_id = root.id ORDER BY id;

-- name: relate
-- $1 park, $2 roots, $3 roots near them: what overlaps becomes an issue on both, or is one no more; so does, on a
-- building, a plot it lies on for the most part and does not name. Pairs are those whose outlines may meet, and those
-- that an issue names. The units it changed.
WITH me AS MATERIALIZED (
  SELECT id, code, level, plot_id, geom, issues FROM asset WHERE park_id = $1 AND id = ANY ($2)
), met AS (
  SELECT me.id AS one_id, o.id AS other_id
  FROM me JOIN asset_visible AS o ON (o.park_id = $1) IS TRUE AND o.root_id = o.id AND o.geom && me.geom
  UNION ALL
  SELECT me.id, (i ->> 'other_id')::uuid FROM me CROSS JOIN jsonb_array_elements(me.issues) AS i
  UNION ALL
  SELECT (i ->> 'other_id')::uuid, o.id FROM asset AS o CROSS JOIN jsonb_array_elements(o.issues) AS i
    WHERE o.park_id = $1 AND o.id = ANY ($3) AND (i ->> 'other_id')::uuid = ANY ($2)
), once AS MATERIALIZED (
  SELECT DISTINCT CASE WHEN other_id = ANY ($2) THEN least(one_id, other_id) ELSE one_id END AS one_id,
    CASE WHEN other_id = ANY ($2) THEN greatest(one_id, other_id) ELSE other_id END AS other_id
  FROM met WHERE one_id <> other_id AND (other_id = ANY ($2) OR other_id = ANY ($3))
), pair AS (
  SELECT me.id AS one_id, me.code AS one_code, o.id AS other_id, o.code AS other_code,
    me.level = o.level AS is_mutual, me.level = 'building' AS is_of_one, overlap_share(me.geom, o.geom) AS share,
    CASE
      WHEN me.level = o.level THEN overlap_share(me.geom, o.geom) > 0.05 AND NOT EXISTS (
        SELECT FROM separation AS s WHERE s.park_id = $1 AND s.asset_id = least(me.id, o.id)
          AND s.other_id = greatest(me.id, o.id))
      WHEN me.level = 'building' THEN me.plot_id IS NULL
        AND ST_Area(ST_Intersection(me.geom, o.geom)::geography) > 0.5 * ST_Area(me.geom::geography)
      ELSE o.plot_id IS NULL AND ST_Area(ST_Intersection(me.geom, o.geom)::geography) > 0.5 *
        ST_Area(o.geom::geography)
    END AS is_issue
  FROM once JOIN asset AS me ON me.park_id = $1 AND me.id = once.one_id
    JOIN asset AS o ON o.park_id = $1 AND o.id = once.other_id
), side AS (
  SELECT one_id AS id, other_id, other_code, is_mutual, share, is_issue AND (is_mutual OR is_of_one) AS is_issue
    FROM pair
  UNION ALL
  SELECT other_id, one_id, one_code, is_mutual, share, is_issue AND (is_mutual OR NOT is_of_one) FROM pair
), after AS (
  SELECT side.id, (
      SELECT coalesce(jsonb_agg(i ORDER BY n), '[]') FROM jsonb_array_elements(a.issues) WITH ORDINALITY AS kept (i, n)
      WHERE i ->> 'other_id' IS NULL OR i ->> 'other_id' <> ALL (side.others)
    ) || side.issues AS issues
  FROM (
    SELECT id, array_agg(other_id::text) AS others, coalesce(jsonb_agg(CASE WHEN is_mutual THEN
        jsonb_build_object('code', 'roots_overlap', 'field', 'geometry', 'other_id', other_id, 'other', other_code,
          'share', round(share::numeric, 3))
      ELSE jsonb_build_object('code', 'plot_not_named', 'field', 'plot_id', 'other_id', other_id,
        'other', other_code) END ORDER BY other_id) FILTER (WHERE is_issue), '[]') AS issues
    FROM side GROUP BY id
  ) AS side JOIN asset AS a ON a.park_id = $1 AND a.id = side.id
)
UPDATE asset SET revision = revision + 1, changed_at = act_at(), issues = after.issues
FROM after WHERE asset.park_id = $1 AND asset.id = after.id AND asset.issues <> after.issues
RETURNING asset.id;

-- name: unrelate
-- $1 park, $2 units that are to go, $3 roots near them: issues with them are none any more. The units it changed.
UPDATE asset SET revision = revision + 1, changed_at = act_at(), issues = (
  SELECT coalesce(jsonb_agg(i ORDER BY n), '[]') FROM jsonb_array_elements(asset.issues) WITH ORDINALITY AS kept (i, n)
  WHERE i ->> 'other_id' IS NULL OR i ->> 'other_id' <> ALL ($2::uuid[]::text[]))
WHERE park_id = $1 AND id = ANY ($3) AND id <> ALL ($2)
  AND EXISTS (SELECT FROM jsonb_array_elements(issues) AS i WHERE i ->> 'other_id' = ANY ($2::uuid[]::text[]))
RETURNING id;

-- name: settle_code
-- $1 park, $2 a code that a unit had in one of several spellings and has no more: of those that still have it the
-- first holds it, and a last one is no double. The units it changed.
WITH spelling AS (
  SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM asset
    WHERE park_id = $1 AND folded_code(code) = folded_code($2)
)
UPDATE asset SET is_code_doubled = s.n > 1, revision = revision + 1, changed_at = act_at(),
  issues = CASE WHEN s.many > 1 THEN issues ELSE (
    SELECT coalesce(jsonb_agg(i ORDER BY at), '[]')
      FROM jsonb_array_elements(asset.issues) WITH ORDINALITY AS kept (i, at)
    WHERE i ->> 'code' <> 'code_doubled') END
FROM spelling AS s WHERE asset.park_id = $1 AND asset.id = s.id AND (s.many = 1 OR is_code_doubled <> (s.n > 1))
RETURNING asset.id;

-- name: separate
-- $1 park, $2 the unit with the lower id, $3 the other, $4 why.
INSERT INTO separation (park_id, asset_id, other_id, reason) VALUES ($1, $2, $3, $4);

-- name: void
-- $1 park, $2 units: they never were; foreign keys refuse it while anything else refers to one of them.
DELETE FROM asset WHERE park_id = $1 AND id = ANY ($2);

-- name: close_for_parts
-- $1 park, $2 wholes: leaves again where their last part is gone; a part with a claim, past or present, never goes.
-- Those that are now.
UPDATE asset SET is_leaf = true, revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = ANY ($2) AND NOT is_leaf AND NOT EXISTS (SELECT FROM asset AS part
  WHERE part.park_id = $1 AND part.parent_id = asset.id)
RETURNING id;

-- name: by_codes
-- $1 park, $2 codes: the unit that has each, in whatever width and case; null where none has.
SELECT a.id FROM unnest($2::text[]) WITH ORDINALITY AS c (code, n)
LEFT JOIN asset AS a ON a.park_id = $1 AND a.code_key = folded_code(c.code) ORDER BY c.n;

-- name: is_code_taken
-- $1 park, $2 code: whether a unit there has it, in whatever width and case; as the constraint asset_code_taken.
SELECT EXISTS (SELECT FROM asset WHERE park_id = $1 AND code_key = folded_code($2));

-- name: by_key
-- $1 park, $2 unit: what the rules of an act look at.
SELECT id, root_id, parent_id, is_leaf, level, kind, storeys, floor_no, listing, availability, revision, allowed_paths,
  stated_area, stated_area_unit, area_m2, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2,
  illustrative, zone_id, plot_id, code, name, idle_basis, stated_idle_since, completed_on,
  stated_idle_since_precision, completed_on_precision, attributes::text, issues::text, retired_on,
  previously_part_of, checked_on, lapsed_on
FROM asset WHERE park_id = $1 AND id = $2;

-- name: by_keys
-- $1 park, $2 units: the same of many.
SELECT id, root_id, parent_id, is_leaf, level, kind, storeys, floor_no, listing, availability, revision, allowed_paths,
  stated_area, stated_area_unit, area_m2, measured_area_m2, available_area_m2, is_divisible, min_divisible_m2,
  illustrative, zone_id, plot_id, code, name, idle_basis, stated_idle_since, completed_on,
  stated_idle_since_precision, completed_on_precision, attributes::text, issues::text, retired_on,
  previously_part_of, checked_on, lapsed_on
FROM asset WHERE park_id = $1 AND id = ANY ($2);

-- name: insert
-- $1 list of units, each its facts by column name, geom and point as hex WKB, with its areas, since when it is idle
-- and its revision, as they will stand once the act is done: what readers get is made of them here, not in a second
-- write.
INSERT INTO asset (park_id, id, parent_id, root_id, level, kind, measured_area_m2, geom, point, is_leaf, listing,
  previously_part_of, search, spelling, issues, idle_since, idle_since_precision, revision, feature, flat,
  {columns})
SELECT park_id, id, parent_id, root_id, level, kind, measured_area_m2, geom, point, is_leaf, listing,
  previously_part_of, search, spelling, issues, idle_since, idle_since_precision, revision, asset_feature(a),
  (SELECT {flat} FROM park AS p WHERE p.id = a.park_id), {columns}
FROM (SELECT jsonb_build_object('recorded_at', act_at(), 'is_leaf', true, 'allowed_paths', '[]'::jsonb, 'works',
  '[]'::jsonb, 'attributes', '{}'::jsonb, 'illustrative', '[]'::jsonb, 'listing', 'draft', 'availability', 'draft',
  'inherited', '{}'::jsonb, 'previously_part_of', '[]'::jsonb, 'revision', 1, 'changed_at', act_at(),
  'is_lapsed', false) AS facts
) AS common
CROSS JOIN jsonb_array_elements($1::jsonb) AS own CROSS JOIN LATERAL jsonb_populate_record(
  NULL::asset, common.facts || own) AS a;

-- name: named
-- $1 park, $2 unit: what it is called.
SELECT name, code FROM asset WHERE park_id = $1 AND id = $2;

-- name: amend
-- $1 park, $2 unit, $3 changed facts, JSON by column name: what is absent stays, null clears. A new code is its own: a
-- double no more.
UPDATE asset SET (measured_area_m2, geom, point, listing, search, spelling, {columns}) = (
  SELECT measured_area_m2, geom, point, listing, search, spelling, {columns}
  FROM jsonb_populate_record(asset, $3::jsonb)
), is_code_doubled = is_code_doubled AND code = coalesce($3::jsonb ->> 'code', code), revision = revision + 1,
  changed_at = act_at()
WHERE park_id = $1 AND id = $2;

-- name: amend_all
-- $1 park, $2 list of units with their changed facts and issues, JSON: the same of many.
UPDATE asset SET (measured_area_m2, geom, point, search, spelling, {columns}) = (
  SELECT measured_area_m2, geom, point, search, spelling, {columns} FROM jsonb_populate_record(asset, row.changed)
), issues = row.issues, is_code_doubled = is_code_doubled AND code = coalesce(row.changed ->> 'code', code),
  revision = revision + 1, changed_at = act_at()
FROM jsonb_to_recordset($2::jsonb) AS row (id uuid, changed jsonb, issues jsonb)
WHERE asset.park_id = $1 AND asset.id = row.id;

-- name: set_issues
-- $1 park, $2 unit, $3 issues, JSON.
UPDATE asset SET issues = $3::jsonb WHERE park_id = $1 AND id = $2;

-- name: list_as
-- $1 park, $2 unit, $3 listing.
UPDATE asset SET listing = $3, revision = revision + 1, changed_at = act_at() WHERE park_id = $1 AND id = $2;

-- name: list_all_as
-- $1 park, $2 units, $3 listing.
UPDATE asset SET listing = $3, revision = revision + 1, changed_at = act_at() WHERE park_id = $1 AND id = ANY ($2);

-- name: open_for_parts
-- $1 park, $2 units: of these leaves those without claims become wholes with parts, for good; a claim, past or
-- present, keeps a leaf.
UPDATE asset SET is_leaf = false, revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = ANY ($2) AND is_leaf
  AND NOT EXISTS (SELECT FROM occupancy AS o WHERE o.park_id = $1 AND o.leaf_id = asset.id)
RETURNING id;

-- name: placement
-- $1 park, $2 zone or null, $3 outline or point, hex WKB, or null: whether it meets the park, lies inside it, and
-- meets the zone. What is not drawn is nowhere outside.
SELECT coalesce(ST_Intersects(p.boundary, o.geom), true) AS meets_park,
  coalesce(ST_CoveredBy(o.geom, p.boundary), true) AS inside_park,
  (SELECT coalesce(ST_Intersects(z.boundary, o.geom), true) FROM zone AS z
    WHERE z.park_id = p.id AND z.id = $2) AS meets_zone
FROM park AS p, (SELECT ST_SetSRID($3::geometry, 4326) AS geom) AS o WHERE p.id = $1;

-- name: outside_whole
-- $1 park, $2 whole, $3 outline of a part, hex WKB: area of the part outside its whole, m²; null: one not drawn.
SELECT ST_Area(ST_Difference(ST_SetSRID($3::geometry, 4326), geom)::geography) FROM asset
  WHERE park_id = $1 AND id = $2;

-- name: overlaps
-- $1 park, $2 root, $3 whole, $4 the part itself, $5 its floor, $6 its outline, hex WKB: siblings on the same floor it
-- overlaps, with the area in m².
SELECT id, code, ST_Area(ST_Intersection(geom, ST_SetSRID($6::geometry, 4326))::geography) AS overlap_m2 FROM asset
WHERE park_id = $1 AND root_id = $2 AND parent_id = $3 AND id <> $4 AND floor_no IS NOT DISTINCT FROM $5
  AND geom IS NOT NULL AND retired_on IS NULL
ORDER BY overlap_m2 DESC, id LIMIT 1;

-- name: outgrown
-- $1 park, $2 units, $3 m²: of them and their wholes those whose parts' stated areas exceed their own by more, and by
-- how much.
SELECT whole.id, sum(part.area_m2) - whole.area_m2 AS beyond_m2
FROM asset AS whole
JOIN asset AS part ON part.park_id = $1 AND part.parent_id = whole.id AND part.retired_on IS NULL
WHERE whole.park_id = $1 AND (whole.id = ANY ($2)
  OR whole.id = ANY (ARRAY(SELECT parent_id FROM asset WHERE park_id = $1 AND id = ANY ($2))))
GROUP BY whole.id, whole.area_m2
HAVING bool_and(part.area_m2 IS NOT NULL) AND sum(part.area_m2) - whole.area_m2 > $3;

-- name: misplaced
-- $1 park, $2 units: those that do not lie inside the park, whether they meet it at all, and whether they miss their
-- zone. What is not drawn is nowhere outside.
SELECT a.id, NOT ST_Intersects(p.boundary, at.geom) AS is_off_park,
  coalesce(NOT ST_Intersects(z.boundary, at.geom), false) AS is_off_zone
FROM asset AS a JOIN park AS p ON p.id = $1 LEFT JOIN zone AS z ON z.park_id = $1 AND z.id = a.zone_id
CROSS JOIN LATERAL (SELECT coalesce(a.geom, a.point) AS geom) AS at
WHERE a.park_id = $1 AND a.id = ANY ($2) AND at.geom IS NOT NULL
  AND (NOT ST_CoveredBy(at.geom, p.boundary) OR NOT ST_Intersects(z.boundary, at.geom));

-- name: outside_wholes
-- $1 park, $2 units just drawn, $3 m², $4 share of a part's own area: parts that leave their whole by more, and by
-- how much, m²: those drawn, and those of a whole that was.
SELECT part.id, part.code, whole.id AS whole_id, whole.code AS whole, part.id = ANY ($2) AS is_drawn, outside.m2
FROM asset AS part JOIN asset AS whole ON whole.park_id = $1 AND whole.id = part.parent_id
CROSS JOIN LATERAL (SELECT ST_Area(ST_Difference(part.geom, whole.geom)::geography) AS m2) AS outside
WHERE part.park_id = $1 AND (part.id = ANY ($2) OR part.parent_id = ANY ($2)) AND part.retired_on IS NULL
  AND part.geom IS NOT NULL AND whole.geom IS NOT NULL AND NOT ST_CoveredBy(part.geom, whole.geom)
  AND outside.m2 > CASE WHEN part.id = ANY ($2) THEN greatest($3, $4 * part.measured_area_m2) ELSE $3 END
ORDER BY outside.m2 DESC;

-- name: overlapping_parts
-- $1 park, $2 units just drawn in their order, $3 m², $4 share of its own area: those that overlap a part of the same
-- whole on the same floor by more, which was there or stands before them, and by how much, m².
SELECT a.id, b.code AS other, overlap.m2
FROM unnest($2::uuid[]) WITH ORDINALITY AS drawn (id, n) JOIN asset AS a ON a.park_id = $1 AND a.id = drawn.id
JOIN asset AS b ON b.park_id = $1 AND b.parent_id = a.parent_id AND b.id <> a.id AND b.geom && a.geom
  AND b.retired_on IS NULL AND b.floor_no IS NOT DISTINCT FROM a.floor_no
LEFT JOIN unnest($2::uuid[]) WITH ORDINALITY AS other (id, n) ON other.id = b.id
CROSS JOIN LATERAL (SELECT ST_Area(ST_Intersection(a.geom, b.geom)::geography) AS m2) AS overlap
WHERE coalesce(other.n, 0) < drawn.n AND overlap.m2 > greatest($3, $4 * a.measured_area_m2)
ORDER BY overlap.m2 DESC;

-- name: beside_a_past
-- $1 park, $2 units: parts in whose tree anything is or was claimed.
SELECT a.id FROM asset AS a
WHERE a.park_id = $1 AND a.id = ANY ($2) AND a.parent_id IS NOT NULL AND EXISTS (
  SELECT FROM asset AS leaf JOIN occupancy AS o ON o.park_id = $1 AND o.leaf_id = leaf.id
  WHERE leaf.park_id = $1 AND leaf.root_id = a.root_id)
ORDER BY a.id;

-- name: add_issues
-- $1 park, $2 units, $3 an issue, JSON.
UPDATE asset SET issues = issues || $3::jsonb WHERE park_id = $1 AND id = ANY ($2);

-- name: part_outside
-- $1 park, $2 root, $3 whole, $4 its new outline, hex WKB: the part that lies farthest outside it, with the area in
-- m².
SELECT code, ST_Area(ST_Difference(geom, ST_SetSRID($4::geometry, 4326))::geography) AS outside_m2 FROM asset
WHERE park_id = $1 AND root_id = $2 AND parent_id = $3 AND geom IS NOT NULL AND retired_on IS NULL
ORDER BY outside_m2 DESC, id LIMIT 1;

-- name: forget_neighbours
-- $1 park, $2 units: who lies beside them is known no more; the pairs that did.
DELETE FROM asset_adjacency WHERE park_id = $1 AND (asset_id = ANY ($2) OR neighbour_id = ANY ($2))
RETURNING asset_id, neighbour_id;

-- name: find_neighbours
-- $1 park, $2 units: of those without parts the others of their kind that lie next to them, entered both ways. Plots
-- share at least 5 m of their edges; floors of one building lie one above the other; else outlines touch within 0.5 m,
-- on the same floor where both say which. Source: model R1 §5.9.
WITH me AS (
  SELECT id, root_id, kind, floor_no, geom FROM asset_visible
  WHERE park_id = $1 AND id = ANY ($2) AND is_leaf AND geom IS NOT NULL AND retired_on IS NULL
), beside AS (
  SELECT v.id, me.id AS mine, CASE
    WHEN me.kind = 'land' THEN CASE WHEN ST_Length(ST_Intersection(ST_Boundary(me.geom),
      ST_Buffer(v.geom::geography, 0.5)::geometry)::geography) >= 5 THEN 'shared_edge' END
    WHEN me.root_id = v.root_id AND me.floor_no <> v.floor_no THEN
      CASE WHEN abs(me.floor_no - v.floor_no) = 1 AND ST_Area(ST_Intersection(me.geom, v.geom)::geography) > 1 THEN
        'above' END
    WHEN me.floor_no = v.floor_no OR me.floor_no IS NULL OR v.floor_no IS NULL THEN 'touch' END AS basis
  FROM me JOIN asset_visible AS v ON (v.park_id = $1 AND v.kind = me.kind) IS TRUE
    AND v.geom && ST_Expand(me.geom, 0.00001) AND v.id <> me.id AND v.is_leaf AND v.retired_on IS NULL
  WHERE ST_DWithin(me.geom::geography, v.geom::geography, 0.5)
)
INSERT INTO asset_adjacency (park_id, asset_id, neighbour_id, basis)
SELECT $1, mine, id, basis FROM beside WHERE basis IS NOT NULL UNION SELECT $1, id, mine, basis FROM beside
  WHERE basis IS NOT NULL
RETURNING asset_id, neighbour_id;

-- name: refresh_availability
-- $1 null, $2 park, $3 today, $4 roots: availability of every unit of these trees from claims and listing, and since
-- when it is idle; a whole is idle since the last of its leaves is; and what parts take from their wholes. What comes
-- on offer is so since today; what goes off it has not lapsed. The units it changed.
WITH RECURSIVE leaf AS ({idle_leaves}), under (whole_id, leaf_id) AS (
  SELECT leaf.leaf_id, leaf.leaf_id FROM leaf
  UNION ALL SELECT a.parent_id, under.leaf_id FROM under JOIN asset AS a ON a.park_id = $2 AND a.id = under.whole_id
    WHERE a.parent_id IS NOT NULL
), unsaid AS MATERIALIZED (SELECT v.id FROM units_to_verify($2, $4, $3) AS v), free AS (
  SELECT leaf_id, idle_since, idle_since_precision, since_latest FROM leaf WHERE leaf_id NOT IN (SELECT id FROM unsaid)
), idle AS (
  SELECT DISTINCT ON (under.whole_id) under.whole_id AS id, free.idle_since, free.idle_since_precision
  FROM under LEFT JOIN free ON free.leaf_id = under.leaf_id ORDER BY under.whole_id, free.since_latest DESC NULLS FIRST
), state AS (
  SELECT d.id, d.availability, inherited_facts(a) AS inherited,
    CASE WHEN d.availability NOT IN ('occupied', 'to_verify') THEN idle.idle_since END AS idle_since,
    CASE WHEN d.availability NOT IN ('occupied', 'to_verify') THEN idle.idle_since_precision
      END AS idle_since_precision
  FROM derived_availability($2, $4, $3) AS d JOIN asset AS a ON a.park_id = $2 AND a.id = d.id
    LEFT JOIN idle ON idle.id = d.id
)
UPDATE asset SET availability = state.availability, idle_since = state.idle_since,
  idle_since_precision = state.idle_since_precision, inherited = state.inherited,
  offered_on = CASE state.availability WHEN 'available' THEN coalesce(asset.offered_on, $3) END,
  lapsed_on = CASE state.availability WHEN 'available' THEN asset.lapsed_on END,
  revision = asset.revision + 1, changed_at = act_at()
FROM state WHERE asset.park_id = $2 AND asset.id = state.id
  AND (asset.availability, asset.idle_since, asset.idle_since_precision, asset.inherited)
    IS DISTINCT FROM (state.availability, state.idle_since, state.idle_since_precision, state.inherited)
RETURNING asset.id;

-- name: refresh_features
-- $1 park, $2 units: the GeoJSON texts readers get, {flat} the flat one.
UPDATE asset AS a SET feature = asset_feature(a), flat = {flat}
FROM park AS p WHERE a.park_id = $1 AND p.id = $1 AND a.id = ANY ($2);

-- name: leaves_of
-- $1 park, $2 units: the leaves at or below them.
WITH RECURSIVE below (id, is_leaf) AS (
  SELECT id, is_leaf FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION
  SELECT a.id, a.is_leaf FROM asset AS a JOIN below AS b ON a.park_id = $1 AND a.parent_id = b.id
)
SELECT id FROM below WHERE is_leaf ORDER BY id;

-- name: visible
-- $1 unit: what the caller sees of it.
SELECT convert_to({feature}, 'UTF8') AS feature, convert_to(staff_facts, 'UTF8') AS staff_facts, revision
  FROM asset_visible WHERE id = $1;

-- name: versions
-- $1 park, $2 unit: what was recorded of it, the latest first.
SELECT row_to_json(v)::text FROM (
  SELECT recorded_at, nullif(superseded_at, 'infinity') AS superseded_at, parent_id, is_leaf, level, kind,
    measured_area_m2, listing, retired_on, previously_part_of, checked_on, checked_how, checked_by, check_note,
    {columns}
  FROM asset_known WHERE park_id = $1 AND id = $2 ORDER BY recorded_at DESC LIMIT 200
) AS v;

-- name: events
-- $1 park, $2 record: who did what to it, the latest first.
SELECT row_to_json(e)::text FROM (
  SELECT rev, n, at, act, actor_id, body::json AS changed FROM event WHERE scope_id = $1 AND subject_id = $2
    ORDER BY rev DESC, n DESC LIMIT 200
) AS e;

-- name: overtaken
-- $1 null, $2 null: all parks, $3 today: trees whose stored availability or idle start the day has overtaken.
WITH leaf AS ({idle_leaves}), late AS (
  SELECT p.id AS park_id, d.root_id FROM park AS p CROSS JOIN LATERAL derived_availability(p.id, NULL, $3) AS d
    JOIN asset AS a ON a.park_id = p.id AND a.id = d.id WHERE a.availability <> d.availability
  UNION SELECT leaf.park_id, leaf.root_id FROM leaf WHERE leaf.idle_since IS NOT NULL
    AND leaf.leaf_id NOT IN (SELECT v.id FROM park AS p CROSS JOIN LATERAL units_to_verify(p.id, NULL, $3) AS v)
)
SELECT park_id, array_agg(DISTINCT root_id) AS roots FROM late GROUP BY park_id ORDER BY park_id;

-- name: titles
-- $1 park, $2 units: what stands for or against a transfer of their titles.
SELECT id, title_is_registered, mortgage, is_seized FROM asset WHERE park_id = $1 AND id = ANY ($2) ORDER BY id;

-- name: areas
-- $1 park, $2 units: their stated areas in m², null where unknown.
SELECT area_m2 FROM asset WHERE park_id = $1 AND id = ANY ($2) ORDER BY id;

-- name: withdraw_trees
-- $1 park, $2 units: they and their parts are on offer no more.
WITH RECURSIVE tree AS (
  SELECT id FROM asset WHERE park_id = $1 AND id = ANY ($2)
  UNION ALL SELECT a.id FROM tree JOIN asset AS a ON a.park_id = $1 AND a.parent_id = tree.id
)
UPDATE asset SET listing = 'withdrawn', revision = revision + 1, changed_at = act_at()
  WHERE park_id = $1 AND id IN (SELECT id FROM tree) AND listing = 'published' RETURNING id;

-- name: shared_facts
-- $1 park, $2 units: what holds of each part of a unit, and of what units become, in the order they are named.
SELECT u.id, a.illustrative, {shared} FROM unnest($2::uuid[]) WITH ORDINALITY AS u (id, n)
JOIN asset AS a ON a.park_id = $1 AND a.id = u.id ORDER BY u.n;

-- name: rest_of_whole
-- $1 park, $2 whole, $3 outlines of its parts, hex WKB, $4 m²: what they leave of its outline, GeoJSON, without pieces
-- of at most that area, and how large all of it is, m².
SELECT ST_AsGeoJSON(ST_Multi(ST_Collect(piece.geom) FILTER (WHERE piece.m2 > $4)), 7)::text AS outline,
  coalesce(sum(piece.m2), 0)::numeric AS m2
FROM (
  SELECT d.geom, ST_Area(d.geom::geography) AS m2
  FROM asset AS a CROSS JOIN LATERAL ST_Dump(ST_Difference(a.geom, (
    SELECT ST_Union(ST_SetSRID(o::geometry, 4326)) FROM unnest($3::text[]) AS o))) AS d
  WHERE a.park_id = $1 AND a.id = $2 AND ST_Dimension(d.geom) = 2
) AS piece;

-- name: joined
-- $1 park, $2 units: their outlines as one, GeoJSON, and which of them lie next to each other.
SELECT ST_AsGeoJSON(ST_Multi(ST_UnaryUnion(ST_Collect(geom))), 7)::text AS outline, (
    SELECT array_agg(ARRAY[j.asset_id, j.neighbour_id]) FROM asset_adjacency AS j
    WHERE j.park_id = $1 AND j.asset_id = ANY ($2) AND j.neighbour_id = ANY ($2)) AS pairs
FROM asset WHERE park_id = $1 AND id = ANY ($2);

-- name: retire
-- $1 park, $2 units, $3 day: they are none any more from then on, and shown to nobody else.
UPDATE asset SET retired_on = $3, listing = CASE listing WHEN 'published' THEN 'withdrawn' ELSE listing END,
  revision = revision + 1, changed_at = act_at()
WHERE park_id = $1 AND id = ANY ($2);

-- name: unretire
-- $1 park, $2 units, $3 instant of the act that retired them: they are units again, listed as they were.
UPDATE asset SET retired_on = NULL, listing = h.listing, revision = asset.revision + 1, changed_at = act_at()
FROM history.asset AS h
WHERE asset.park_id = $1 AND asset.id = ANY ($2) AND h.park_id = $1 AND h.id = asset.id AND h.superseded_at = $3;
