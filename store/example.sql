-- name: ids
-- $1 the caller's parks: a record of each kind that the caller sees, by the parameter that names it, JSON; those of
-- these parks first. Of a firm's rankings the latest, and the one before it of the same need.
WITH latest AS (SELECT id, demand_id FROM ranking ORDER BY id DESC LIMIT 1)
SELECT json_strip_nulls(json_build_object(
  'park_id', (SELECT id FROM park ORDER BY id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'asset_id', (SELECT id FROM asset_visible WHERE listing = 'published' AND lapsed_on IS NULL AND kind = 'land'
    ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'firm_id', (SELECT id FROM firm_visible ORDER BY id LIMIT 1),
  'demand_id', (SELECT id FROM demand_visible WHERE listing = 'published' ORDER BY id LIMIT 1),
  'outcome_id', (SELECT id FROM outcome_visible ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'tenancy_id', (SELECT id FROM tenancy_visible ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'request_id', (SELECT id FROM service_request_visible ORDER BY id LIMIT 1),
  'enquiry_id', (SELECT id FROM enquiry_visible ORDER BY state = 'visit_arranged' DESC, id LIMIT 1),
  'webhook_id', (SELECT id FROM webhook ORDER BY scope_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'batch_id', (SELECT id FROM batch ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'import_id', (SELECT id FROM import ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'attachment_id', (SELECT id FROM attachment_visible ORDER BY park_id = ANY ($1::uuid[]) DESC, id LIMIT 1),
  'ranking_id', (SELECT id FROM latest),
  'earlier_ranking_id', (SELECT r.id FROM ranking AS r JOIN latest ON r.demand_id = latest.demand_id
    AND r.id < latest.id ORDER BY r.id DESC LIMIT 1)
))::text;
