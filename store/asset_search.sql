-- Filled in by store/asset_search.py: {conditions} of the fixed set below, {order} and {value} of the column sorted
-- by, {column} one that is filtered by, {levels} words of levels, {n} the limit, {beside} more of a row,
-- {feature} of a row, {geometry} in a system;
-- {p1}, {p2}, … the parameters of a condition, in the order its comment names them.

-- name: page
-- Units the public sees.
-- The feature comes as the bytes it is sent as: decoding and encoding it would cost more than all the rest of a page.
-- It is unpacked of the rows of the page alone, not of all that are sorted. A row is as few values as a page needs:
-- each costs more to decode than to make.
SELECT convert_to({feature}, 'UTF8') AS feature, id || '/' || revision AS version, value FROM (
  SELECT feature, geom, point, id, revision, ({value})::text AS value FROM asset_visible
  WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: page_for_staff
-- The same with what the caller's own parks may read beside it.
SELECT convert_to({feature}, 'UTF8') AS feature, id || '/' || revision AS version, value,
  convert_to(staff_facts, 'UTF8') AS staff_facts FROM (
  SELECT feature, geom, point, id, revision, ({value})::text AS value, staff_facts FROM asset_visible
  WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: selection
-- Units the caller sees, for a reader of portions; {beside} what else a row has, each behind a comma.
SELECT convert_to(feature, 'UTF8') AS feature{beside} FROM (
  SELECT feature, geom, point, parent_id, plot_id, staff_facts FROM asset_visible
  WHERE {conditions} ORDER BY id) AS selection;

-- name: geometry_in
-- The geometry of a row of the selection in another system.
convert_to(coalesce({geometry}, 'null'), 'UTF8') AS geometry;

-- name: wkt
-- The outline of a row of the selection, or its point, as text.
ST_AsText(coalesce(geom, point), 7) AS wkt;

-- name: parent_code
-- The code of its whole, where the caller sees that.
(SELECT whole.code FROM asset_visible AS whole WHERE whole.id = selection.parent_id) AS parent_code;

-- name: plot_code
-- The code of the plot it stands on, where the caller sees that.
(SELECT plot.code FROM asset_visible AS plot WHERE plot.id = selection.plot_id) AS plot_code;

-- name: staff_facts
-- What staff of its park read beside it.
convert_to(staff_facts, 'UTF8') AS staff_facts;

-- name: outlines
-- $1 code of parks, zones and units that the caller sees, in whatever width and case: their outlines as one, hex EWKB.
SELECT encode(ST_AsEWKB(ST_Collect(o.geom)), 'hex') FROM (
  SELECT boundary AS geom FROM park_visible WHERE code = folded_code($1)
  UNION ALL SELECT coalesce(geom, point) FROM asset_visible WHERE folded_code(code) = folded_code($1)) AS o;

-- name: ids
-- Ids of units the caller sees, {n} of them at most.
SELECT id FROM asset_visible WHERE {conditions} ORDER BY id LIMIT {n};

-- name: count
-- How many units the caller sees.
SELECT count(*) FROM asset_visible WHERE {conditions};

-- name: tag
-- The same page as the ids and revisions of its rows, hashed: what `tag_of` makes of the rows themselves.
SELECT encode(sha256(convert_to(coalesce(string_agg(id || '/' || revision, ','), ''), 'UTF8')), 'hex') FROM (
  SELECT id, revision FROM asset_visible WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: tag_for_staff
-- The same, marked where the caller may read what is beside a unit.
SELECT encode(sha256(convert_to(coalesce(string_agg(
  id || '/' || revision || CASE WHEN staff_facts IS NULL THEN '' ELSE '+' END, ','), ''), 'UTF8')), 'hex')
FROM (SELECT id, revision, staff_facts FROM asset_visible WHERE {conditions} ORDER BY {order} LIMIT {n}) AS page;

-- name: listed
-- Of every list: what became one with others is on none any more; what has lapsed on those of its own staff alone.
retired_on IS NULL AND (lapsed_on IS NULL OR park_id = ANY (
  (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]));

-- name: none
-- Nothing meets it.
false;

-- name: park
-- {p1} park or zone.
(park_id = {p1} OR zone_id = {p1});

-- name: in_park
-- {p1} park.
park_id = {p1};

-- name: parks
-- {p1} parks or zones.
(park_id = ANY ({p1}) OR zone_id = ANY ({p1}));

-- name: bbox
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees: meets it with its outline, or with its point.
(geom && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326)
  AND ST_Intersects(geom, ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326))
  OR point && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326));

-- name: bbox_flat
-- The same of a box without width or height, which is a line or a point: as a polygon it would meet nothing.
(geom && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326) AND ST_Intersects(
  geom, ST_Envelope(ST_SetSRID(ST_MakeLine(ST_MakePoint({p1}, {p2}), ST_MakePoint({p3}, {p4})), 4326)))
  OR point && ST_MakeEnvelope({p1}, {p2}, {p3}, {p4}, 4326));

-- name: bbox_across_180
-- {p1} west, {p2} south, {p3} east, {p4} north, degrees, west of 180 being east of east.
(geom && ST_MakeEnvelope({p1}, {p2}, 180, {p4}, 4326) OR geom && ST_MakeEnvelope(-180, {p2}, {p3}, {p4}, 4326)
  OR point && ST_MakeEnvelope({p1}, {p2}, 180, {p4}, 4326) OR point && ST_MakeEnvelope(-180, {p2}, {p3}, {p4}, 4326));

-- name: near
-- {p1} longitude, {p2} latitude, {p3} radius in metres.
((geom && ST_Expand(ST_MakeEnvelope({p1}, {p2}, {p1}, {p2}, 4326), {p3} / 70000.0)
  OR point && ST_Expand(ST_MakeEnvelope({p1}, {p2}, {p1}, {p2}, 4326), {p3} / 70000.0))
  AND ST_DWithin(coalesce(geom, point)::geography, ST_SetSRID(ST_MakePoint({p1}, {p2}), 4326)::geography, {p3}));

-- name: near_outline
-- {p1} outline, hex EWKB, {p2} distance from it in metres.
((geom && ST_Expand({p1}::geometry, {p2} / 70000.0) OR point && ST_Expand({p1}::geometry, {p2} / 70000.0))
  AND ST_DWithin(coalesce(geom, point)::geography, {p1}::geometry::geography, {p2}));

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

-- name: most
-- {column}; {p1} in its unit.
{column} <= {p1};

-- name: equal
-- {column}; {p1} word.
{column} = {p1};

-- name: after
-- {column}; {p1} day.
{column} > {p1};

-- name: before
-- {column}; {p1} day.
{column} < {p1};

-- name: missing
-- {column}, null where nobody stated it, {levels} at which it can be.
({column} IS NULL AND level IN ({levels}));

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
