-- Filled in by store/idle.py: {and_leaf}, {and_revived}, {and_asset} narrow the leaves; by store/known.py: `x{known}`
-- is the table today, or its view with the past, {at_x} what was known then of the alias x.

-- name: idle_leaves
-- $1 instant or null for today, $2 park or null, $3 day: every leaf with its state on that day. It is idle since the
-- last of what ended: its use, construction, what was entered for it or a unit above it, each by its last possible
-- day. A counted revival ends an idle period, and what was entered begins none after it: something must have ended
-- since, or Order 53 makes land on which nothing was started idle anew. Of one that others became, what was in them
-- counts as in it. The same rule judges revivals:
-- outcomes/revival.py, and a test holds the two equal.
SELECT a.park_id, a.id AS leaf_id, a.root_id, coalesce(used.is_used, false) AS is_used,
  revived.ended_on IS NOT NULL AND begun.since IS NULL AS is_revived,
  coalesce(stated.since > $3, false) AND last_use.free_on IS NULL AS begins_later,
  begun.since AS since_latest,
  CASE WHEN begun.since = stated.since AND begun.since <> coalesce(last_use.free_on, 'infinity') THEN stated.first_day
  ELSE begun.since END AS idle_since,
  CASE WHEN begun.since = stated.since AND begun.since <> coalesce(last_use.free_on, 'infinity') THEN stated.precision
    WHEN begun.since IS NOT NULL THEN 'day' END AS idle_since_precision
FROM asset{known} AS a
LEFT JOIN asset AS whole ON whole.park_id = a.park_id AND whole.id = a.parent_id
LEFT JOIN (
  SELECT o.park_id, o.leaf_id, bool_or(o.during @> $3::date) AS is_used,
    max(upper(o.during)) FILTER (WHERE upper(o.during) <= $3) AS free_on
  FROM occupancy{known} AS o
  WHERE {at_o} {and_leaf}
    AND ($2::uuid IS NULL OR o.park_id = $2) AND o.claim = 'use' AND o.source_kind IN ('tenancy', 'own_use')
  GROUP BY o.park_id, o.leaf_id
) AS used ON used.park_id = a.park_id AND used.leaf_id = a.id
LEFT JOIN LATERAL (
  SELECT max(upper(o.during)) FILTER (WHERE upper(o.during) <= $3) AS free_on
  FROM occupancy{known} AS o
  WHERE a.previously_part_of <> '{}' AND {at_o} AND o.park_id = a.park_id AND o.leaf_id = ANY (a.previously_part_of)
    AND o.claim = 'use' AND o.source_kind IN ('tenancy', 'own_use')
) AS part ON true
CROSS JOIN LATERAL (SELECT greatest(used.free_on, part.free_on) AS free_on) AS last_use
LEFT JOIN (
  SELECT r.park_id, r.leaf_id, max(r.revived_to) AS ended_on, bool_or(r.kind = 'land' AND EXISTS (
    SELECT FROM milestone{known} AS m WHERE {at_m} AND m.park_id = r.park_id AND m.outcome_id = r.outcome_id
      AND m.kind = 'construction_started' AND m.evidence IS NOT NULL AND NOT m.is_reversed)) AS has_started
  FROM revival{known} AS r
  WHERE {at_r} {and_revived}
    AND ($2::uuid IS NULL OR r.park_id = $2) AND r.verdict = 'counted' AND r.revived_from <= $3
  GROUP BY r.park_id, r.leaf_id
) AS counted ON counted.park_id = a.park_id AND counted.leaf_id = a.id
LEFT JOIN LATERAL (
  SELECT max(r.revived_to) AS ended_on, bool_or(r.kind = 'land' AND EXISTS (
    SELECT FROM milestone{known} AS m WHERE {at_m} AND m.park_id = r.park_id AND m.outcome_id = r.outcome_id
      AND m.kind = 'construction_started' AND m.evidence IS NOT NULL AND NOT m.is_reversed)) AS has_started
  FROM revival{known} AS r
  WHERE a.previously_part_of <> '{}' AND {at_r} AND r.park_id = a.park_id AND r.leaf_id = ANY (a.previously_part_of)
    AND r.verdict = 'counted' AND r.revived_from <= $3
) AS counted_part ON true
CROSS JOIN LATERAL (SELECT greatest(counted.ended_on, counted_part.ended_on) AS ended_on,
  coalesce(counted.has_started, false) OR coalesce(counted_part.has_started, false) AS has_started) AS revived
LEFT JOIN LATERAL (
  SELECT s.stated_idle_since AS first_day, coalesce(s.stated_idle_since_precision, 'day') AS precision,
    CASE s.stated_idle_since_precision
      WHEN 'year' THEN make_date(extract(year FROM s.stated_idle_since)::integer, 12, 31)
      WHEN 'month' THEN (date_trunc('month', s.stated_idle_since::timestamp) + interval '1 month')::date - 1
      ELSE s.stated_idle_since END AS since
  FROM asset{known} AS s
  WHERE {at_s} AND s.park_id = a.park_id AND s.id IN (a.id, a.parent_id, whole.parent_id, a.root_id)
    AND s.stated_idle_since IS NOT NULL
  ORDER BY s.id = a.id DESC, s.id = a.parent_id DESC, s.id = whole.parent_id DESC LIMIT 1
) AS stated ON true
LEFT JOIN LATERAL (
  SELECT d.stopped_on, CASE WHEN d.has_started IS NOT TRUE AND d.started_on IS NULL
    THEN (coalesce(d.agreed_start_on, (coalesce(d.delivered_on, d.land_permit_on) + interval '1 year')::date) +
      interval '1 year')::date + 1
    END AS legally_idle_from
  FROM development{known} AS d
  WHERE {at_d} AND a.kind = 'land' AND d.park_id = a.park_id AND d.asset_id IN (a.id, a.parent_id, a.root_id)
  ORDER BY d.asset_id = a.id DESC, d.asset_id = a.parent_id DESC LIMIT 1
) AS land ON true
LEFT JOIN LATERAL (
  SELECT max(e.day) AS since FROM (VALUES (last_use.free_on), (land.stopped_on),
    (CASE WHEN revived.ended_on IS NOT NULL AND NOT revived.has_started THEN land.legally_idle_from END)) AS e (day)
  WHERE e.day <= $3 AND (revived.ended_on IS NULL OR e.day > revived.ended_on)
) AS ended ON true
LEFT JOIN LATERAL (
  SELECT greatest(ended.since, CASE WHEN stated.since <= $3
    AND (revived.ended_on IS NULL OR ended.since IS NOT NULL) THEN stated.since END) AS since
) AS begun ON true
WHERE {at_a} AND ($2::uuid IS NULL OR a.park_id = $2) AND a.is_leaf {and_asset}
