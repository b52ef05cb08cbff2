-- Filled in by store/asset_search.py: {conditions} of the fixed set below, {order} and {value} of the column sorted
-- by, {column} one that is filtered by its least value, {n} the limit; {p1}, {p2}, … the parameters of a condition, in
-- the order its comment names them.

-- name: page
-- Units the public sees.
-- The feature comes as the bytes it is sent as: decoding and encoding it would cost more than all the rest of a page.
-- It is unpacked of the rows of the page alone, not of all that are sorted. A row is as few values as a page needs:
-- each costs more to decode than to make.
SELECT convert_to(feature, 'UTF8') AS feature, id || '/' || revision AS version, value FROM (
  SELECT feature, id, revision, ({value})::text AS value FROM asset_visible
  WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: page_for_staff
-- The same with what the caller's own parks may read beside it.
SELECT convert_to(feature, 'UTF8') AS feature, id || '/' || revision AS version, value,
  convert_to(staff_facts, 'UTF8') AS staff_facts FROM (
  SELECT feature, id, revision, ({value})::text AS value, staff_facts FROM asset_visible
  WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: tag
-- The same page as the ids and revisions of its rows, hashed: what `tag_of` makes of the rows themselves.
SELECT encode(sha256(convert_to(coalesce(string_agg(id || '/' || revision, ','), ''), 'UTF8')), 'hex') FROM (
  SELECT id, revision FROM asset_visible WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: tag_for_staff
-- The same, marked where the caller may read what is beside a unit.
SELECT encode(sha256(convert_to(coalesce(string_agg(
  id || '/' || revision || CASE WHEN staff_facts IS NULL THEN '' ELSE '+' END, ','), ''), 'UTF8')), 'hex')
FROM (SELECT id, revision, staff_facts FROM asset_visible WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: all
-- No condition.
true;

-- name: kind
-- {p1} kind.
kind = {p1};

-- name: availability
-- {p1} availability.
availability = {p1};

-- name: park
-- {p1} park or zone.
(park_id = {p1} OR zone_id = {p1});

-- name: bbox
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees.
geom && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326)
  AND ST_Intersects(geom, ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326));

-- name: bbox_flat
-- The same of a box without width or height, which is a line or a point: as a polygon it would meet nothing.
geom && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326) AND ST_Intersects(
  geom, ST_Envelope(ST_SetSRID(ST_MakeLine(ST_MakePoint({p1}, {p2}), ST_MakePoint({p3}, {p4})), 4326)));

-- name: bbox_across_180
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees, west of 180 being east of east.
(geom && ST_MakeEnvelope({p1}, {p2}, 180, {p4}, 4326) OR geom && ST_MakeEnvelope(-180, {p2}, {p3}, {p4}, 4326));

-- name: near
-- {p1} longitude, {p2} latitude, {p3} radius in metres.
geom && ST_Expand(ST_MakeEnvelope({p1}, {p2}, {p1}, {p2}, 4326), {p3} / 70000.0)
  AND ST_DWithin(geom::geography, ST_SetSRID(ST_MakePoint({p1}, {p2}), 4326)::geography, {p3});

-- name: area_m2_min
-- {p1} m².
usable_area_m2 >= {p1};

-- name: area_m2_max
-- {p1} m².
usable_area_m2 <= {p1};

-- name: industry
-- {p1} GB/T code: admitted where the longest matching prefix is one that admits.
(SELECT CASE WHEN allowed_industries IS NULL THEN 0
  ELSE coalesce(max(length(a.prefix)) FILTER (WHERE starts_with({p1}, a.prefix)), -1) END
   FROM unnest(allowed_industries) AS a (prefix))
  > (SELECT coalesce(max(length(f.prefix)), -1) FROM unnest(forbidden_industries) AS f (prefix)
    WHERE starts_with({p1}, f.prefix));

-- name: least
-- {column}; {p1} in its unit.
{column} >= {p1};

-- name: path
-- {p1} path.
{p1} = ANY (allowed_paths);

-- name: available_by
-- {p1} day: nothing stands against handing it over by then.
(available_from IS NULL OR available_from <= {p1});

-- name: q
-- {p1} tsquery over name and code.
search @@ {p1}::tsquery;

-- name: alike
-- {p1} spelling.
{p1} <% spelling;

-- name: after_id
-- {p1} id.
id > {p1};

-- name: after_id_rising
-- {p1} value, {p2} id; unknown values come last.
({value} > {p1}::numeric OR {value} = {p1} AND id > {p2} OR {value} IS NULL);

-- name: after_id_falling
-- {p1} value, {p2} id; unknown values come last.
({value} < {p1}::numeric OR {value} = {p1} AND id > {p2} OR {value} IS NULL);

-- name: after_unknown
-- {p1} id: among the unknown values at the end.
({value} IS NULL AND id > {p1});
