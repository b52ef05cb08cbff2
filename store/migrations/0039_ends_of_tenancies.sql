-- An end date frees nothing: from the day after its last day a tenancy is to verify, until somebody says that the tenant left, stays, or has renewed.

SET LOCAL search_path = panhuo, public;

ALTER TABLE tenancy
  ADD COLUMN left_on date,
  ADD COLUMN stays_since date,
  ADD COLUMN renewed_from date,
  ADD COLUMN noticed_days smallint CONSTRAINT noticed_days_known CHECK (noticed_days IN (180, 90, 30, 0)),
  ADD CONSTRAINT an_end_is_one_thing CHECK (left_on IS NULL OR renewed_from IS NULL),
  ADD CONSTRAINT who_stays_has_no_end CHECK (stays_since IS NULL OR upper_inf(during) OR left_on IS NOT NULL),
  ADD CONSTRAINT left_not_before_start CHECK (left_on >= lower(during)),
  ADD CONSTRAINT renewed_after_start CHECK (renewed_from > lower(during));
ALTER TABLE history.tenancy ADD COLUMN left_on date, ADD COLUMN stays_since date, ADD COLUMN renewed_from date;
COMMENT ON COLUMN tenancy.during IS 'Days of the term, half-open, Asia/Shanghai; ends with the tenant where that is earlier [staff]';
COMMENT ON COLUMN tenancy.left_on IS 'Last day the tenant was or will be there, also later than the term; NULL: nobody said that it left [staff]';
COMMENT ON COLUMN tenancy.stays_since IS 'Day from which the tenant stays without a term (Civil Code art. 734); NULL: never [staff]';
COMMENT ON COLUMN tenancy.renewed_from IS 'First day of the tenancy that renews it; NULL: not renewed [staff]';
COMMENT ON COLUMN tenancy.noticed_days IS 'Days before the end that an event has told of last, 180, 90 or 30; 0: that it is to verify; NULL: none yet [staff]';

-- Until now the end date itself freed the unit: what is known until this migration says that the tenant left on the last day.
DROP TRIGGER keep_past ON tenancy;
UPDATE history.tenancy SET left_on = upper(during) - 1
WHERE NOT upper_inf(during) AND upper(during) <= (superseded_at AT TIME ZONE 'Asia/Shanghai')::date;
-- Where the deal is ended, or someone used the unit afterwards, that stands.
UPDATE tenancy AS t SET left_on = upper(t.during) - 1
WHERE NOT t.is_corrected AND NOT upper_inf(t.during) AND (
  EXISTS (SELECT FROM outcome AS o WHERE o.park_id = t.park_id AND o.id = t.outcome_id AND o.stage = 'ended')
  OR upper(t.during) <= (now() AT TIME ZONE 'Asia/Shanghai')::date AND EXISTS (
    WITH RECURSIVE below (id) AS (
      SELECT t.asset_id UNION ALL SELECT a.id FROM below JOIN asset AS a ON a.park_id = t.park_id AND a.parent_id = below.id)
    SELECT FROM occupancy AS c WHERE c.park_id = t.park_id AND c.leaf_id IN (SELECT below.id FROM below) AND c.claim = 'use'
      AND c.source_kind IN ('tenancy', 'own_use') AND c.source_id <> t.outcome_id AND lower(c.during) >= upper(t.during)));
-- The others past their end become to verify with this migration; before it they were known as left.
INSERT INTO history.tenancy (superseded_at, recorded_at, park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on,
  is_corrected, illustrative, left_on)
SELECT now(), recorded_at, park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative,
  upper(during) - 1
FROM tenancy WHERE NOT is_corrected AND left_on IS NULL AND NOT upper_inf(during) AND upper(during) <= (now() AT TIME ZONE 'Asia/Shanghai')::date;
UPDATE tenancy SET recorded_at = now()
WHERE NOT is_corrected AND left_on IS NULL AND NOT upper_inf(during) AND upper(during) <= (now() AT TIME ZONE 'Asia/Shanghai')::date;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative, left_on, stays_since,
  renewed_from
  OR DELETE ON tenancy FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative, left_on, stays_since,
  renewed_from
  );
CREATE OR REPLACE VIEW tenancy_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative, left_on, stays_since,
    renewed_from
  FROM tenancy
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative, left_on, stays_since,
    renewed_from
  FROM history.tenancy;
CREATE INDEX tenancy_deal ON tenancy (park_id, outcome_id);
-- Tenancies that will be, or are, to verify: by their end.
CREATE INDEX tenancy_open_end ON tenancy (park_id, upper(during))
  WHERE left_on IS NULL AND renewed_from IS NULL AND NOT is_corrected AND NOT upper_inf(during);

-- How a tenancy stands on a day, as far as anybody said.
CREATE FUNCTION tenancy_state(t tenancy, day date) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT CASE WHEN t.is_corrected THEN 'corrected' WHEN t.left_on IS NOT NULL THEN 'left' WHEN t.renewed_from IS NOT NULL THEN 'renewed'
    WHEN t.stays_since IS NOT NULL THEN 'stays' WHEN upper(t.during) <= day THEN 'to_verify' ELSE 'in_term' END
$$;
CREATE OR REPLACE FUNCTION tenancy_document(t tenancy) RETURNS text LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    t.park_id, t.id, t.outcome_id, t.asset_id, t.firm_id, lower(t.during) AS starts_on, upper(t.during) - 1 AS ends_on,
    tenancy_state(t, (now() AT TIME ZONE 'Asia/Shanghai')::date) AS state, t.left_on, t.stays_since, t.renewed_from,
    CASE WHEN t.stays_since IS NOT NULL THEN '民法典第734条 Civil Code art. 734' END AS law,
    trim_scale(t.rent_yuan_m2_month) AS rent_yuan_m2_month, t.handed_over_on, t.is_corrected, t.illustrative, t.revision, t.recorded_at
  ) AS d
$$;
CREATE OR REPLACE VIEW tenancy_visible AS
  SELECT park_id, id, asset_id, firm_id, during, revision, tenancy_document(tenancy) AS document,
    tenancy_state(tenancy, (now() AT TIME ZONE 'Asia/Shanghai')::date) AS state FROM tenancy
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
REVOKE ALL ON FUNCTION tenancy_state(tenancy, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy_state(tenancy, date) TO panhuo_app;

-- The units of these trees that a tenancy to verify on that day is on, or a whole above them; roots NULL: of every tree of the park.
CREATE FUNCTION units_to_verify(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE below AS (
    SELECT a.id FROM tenancy AS t JOIN asset AS a ON a.park_id = t.park_id AND a.id = t.asset_id
    WHERE t.park_id = park AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected AND NOT upper_inf(t.during)
      AND upper(t.during) <= day AND (roots IS NULL OR a.root_id = ANY (roots))
    UNION SELECT a.id FROM below JOIN asset AS a ON a.park_id = park AND a.parent_id = below.id
  )
  SELECT below.id FROM below
$$;
REVOKE ALL ON FUNCTION units_to_verify(uuid, uuid[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION units_to_verify(uuid, uuid[], date) TO panhuo_app;

ALTER TABLE asset
  DROP CONSTRAINT asset_availability,
  ADD CONSTRAINT asset_availability
    CHECK (availability IN ('draft', 'available', 'reserved', 'occupied', 'to_verify', 'withdrawn'));
COMMENT ON COLUMN asset.availability IS 'Derived from listing, claims and ends of tenancies by every act that touches the unit [public]';
CREATE OR REPLACE FUNCTION derived_availability(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid, root_id uuid, availability text)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unit AS (
    SELECT a.id, a.root_id, a.parent_id, a.is_leaf, a.listing FROM asset AS a WHERE a.park_id = park AND (roots IS NULL OR a.root_id = ANY (roots))
  ), claimed AS (
    SELECT o.leaf_id, bool_or(o.source_kind IN ('tenancy', 'own_use')) AS is_used FROM occupancy AS o
    WHERE o.park_id = park AND o.leaf_id = ANY (ARRAY(SELECT unit.id FROM unit WHERE unit.is_leaf)) AND o.during @> day GROUP BY o.leaf_id
  ), under (whole_id, leaf_id) AS (
    SELECT unit.id, unit.id FROM unit WHERE unit.is_leaf
    UNION ALL
    SELECT unit.parent_id, under.leaf_id FROM under JOIN unit ON unit.id = under.whole_id WHERE unit.parent_id IS NOT NULL
  ), unsaid AS MATERIALIZED (SELECT v.id FROM units_to_verify(park, roots, day) AS v)
  SELECT unit.id, unit.root_id,
    CASE WHEN bool_or(claimed.is_used) THEN 'occupied' WHEN count(claimed.leaf_id) > 0 THEN 'reserved' WHEN count(unsaid.id) > 0 THEN 'to_verify'
      WHEN unit.listing = 'published' THEN 'available' ELSE unit.listing END
  FROM unit LEFT JOIN under ON under.whole_id = unit.id LEFT JOIN claimed ON claimed.leaf_id = under.leaf_id
    LEFT JOIN unsaid ON unsaid.id = under.leaf_id
  GROUP BY unit.id, unit.root_id, unit.listing
$$;

CREATE INDEX asset_parent ON asset (park_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX outcome_renewal ON outcome (lower(intended)) WHERE stage = 'signed' AND renews_tenancy_id IS NOT NULL;
