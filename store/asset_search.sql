-- name: page
-- {conditions} of the fixed set below, {order} of the fixed set below, {n} the limit: units the public sees.
-- The feature comes as the bytes it is sent as: decoding and encoding it would cost more than all the rest of a page.
SELECT convert_to(feature, 'UTF8') AS feature, id::text AS key, ({value})::text AS value, revision FROM asset_visible
WHERE {conditions} ORDER BY {order} LIMIT {n};

-- name: page_for_staff
-- The same with what the caller's own parks may read beside it.
SELECT convert_to(feature, 'UTF8') AS feature, id::text AS key, ({value})::text AS value, revision, convert_to(staff_facts, 'UTF8') AS staff_facts
FROM asset_visible WHERE {conditions} ORDER BY {order} LIMIT {n};

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
-- ? kind.
kind = ?;

-- name: availability
-- ? availability.
availability = ?;

-- name: park
-- ? park or zone.
(park_id = ?1 OR zone_id = ?1);

-- name: bbox
-- ? west, ? south, ? east, ? north, degrees.
geom && ST_MakeEnvelope(?, ?, ?, ?, 4326) AND ST_Intersects(geom, ST_MakeEnvelope(?1, ?2, ?3, ?4, 4326));

-- name: bbox_flat
-- The same of a box without width or height, which is a line or a point: as a polygon it would meet nothing.
geom && ST_MakeEnvelope(?, ?, ?, ?, 4326)
  AND ST_Intersects(geom, ST_Envelope(ST_SetSRID(ST_MakeLine(ST_MakePoint(?1, ?2), ST_MakePoint(?3, ?4)), 4326)));

-- name: bbox_across_180
-- ? west, ? south, ? east, ? north, degrees, west of 180 being east of east.
(geom && ST_MakeEnvelope(?, ?, 180, ?4, 4326) OR geom && ST_MakeEnvelope(-180, ?2, ?, ?, 4326));

-- name: near
-- ? longitude, ? latitude, ? radius in metres.
geom && ST_Expand(ST_MakeEnvelope(?, ?, ?1, ?2, 4326), ? / 70000.0) AND ST_DWithin(geom::geography, ST_SetSRID(ST_MakePoint(?1, ?2), 4326)::geography, ?3);

-- name: area_m2_min
-- ? m².
usable_area_m2 >= ?;

-- name: area_m2_max
-- ? m².
usable_area_m2 <= ?;

-- name: industry
-- ? GB/T code: admitted where the longest matching prefix is one that admits.
(SELECT CASE WHEN allowed_industries IS NULL THEN 0 ELSE coalesce(max(length(a.prefix)) FILTER (WHERE starts_with(?, a.prefix)), -1) END
   FROM unnest(allowed_industries) AS a (prefix))
  > (SELECT coalesce(max(length(f.prefix)), -1) FROM unnest(forbidden_industries) AS f (prefix) WHERE starts_with(?1, f.prefix));

-- name: clear_height_m_min
-- ? m.
clear_height_m >= ?;

-- name: floor_load_kn_m2_min
-- ? kN/m².
floor_load_kn_m2 >= ?;

-- name: power_kva_min
-- ? kVA.
power_kva >= ?;

-- name: crane_t_min
-- ? t.
crane_t >= ?;

-- name: path
-- ? path.
? = ANY (allowed_paths);

-- name: available_by
-- ? day: nothing stands against handing it over by then.
(available_from IS NULL OR available_from <= ?);

-- name: q
-- ? tsquery over name and code.
search @@ ?::tsquery;

-- name: alike
-- ? spelling.
? <% spelling;

-- name: after_id
-- ? id.
id > ?;

-- name: after_id_rising
-- ? value, ? id; unknown values come last.
({value} > ?::numeric OR {value} = ?1 AND id > ? OR {value} IS NULL);

-- name: after_id_falling
-- ? value, ? id; unknown values come last.
({value} < ?::numeric OR {value} = ?1 AND id > ? OR {value} IS NULL);

-- name: after_unknown
-- ? id: among the unknown values at the end.
({value} IS NULL AND id > ?);
