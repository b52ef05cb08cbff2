-- Nothing is let twice: what a deal on land takes with it, units that overlap, codes told apart by width or case alone; drafts can be voided.

SET LOCAL search_path = panhuo, public;

-- What two spellings of one code have in common: no blanks around it, one width, one case.
CREATE FUNCTION folded_code(code text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(btrim(normalize(code, NFKC)))
$$;
REVOKE EXECUTE ON FUNCTION folded_code(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION folded_code(text) TO panhuo_app;

ALTER TABLE asset ADD COLUMN is_code_doubled boolean NOT NULL DEFAULT false;
WITH spelling AS (
  SELECT park_id, id, row_number() OVER same AS n, count(*) OVER (PARTITION BY park_id, folded_code(code)) AS many
  FROM asset WINDOW same AS (PARTITION BY park_id, folded_code(code) ORDER BY id)
)
UPDATE asset SET is_code_doubled = s.n > 1, issues = issues || '[{"code": "code_doubled", "field": "code"}]'
FROM spelling AS s WHERE s.many > 1 AND asset.park_id = s.park_id AND asset.id = s.id;
ALTER TABLE asset
  DROP CONSTRAINT asset_code_taken,
  ADD COLUMN code_key text GENERATED ALWAYS AS (CASE WHEN NOT is_code_doubled THEN folded_code(code) END) STORED,
  ADD CONSTRAINT asset_code_taken UNIQUE (park_id, code_key);
COMMENT ON COLUMN asset.is_code_doubled IS 'True: its code was there in another spelling before that was refused; until it changes [owner]';
COMMENT ON COLUMN asset.code_key IS 'Its code without blanks around it, in one width and case; NULL where doubled [owner]';
COMMENT ON COLUMN asset.is_leaf IS 'True while it has no parts: only leaves carry claims; set back when the only part is voided [public]';

CREATE INDEX asset_on_plot ON asset (park_id, plot_id) WHERE plot_id IS NOT NULL;
GRANT DELETE ON asset TO panhuo_app;

-- Plots, or buildings, that overlap on paper and are two all the same.
CREATE TABLE separation (
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  other_id uuid NOT NULL,
  reason text NOT NULL CONSTRAINT separation_reason_length CHECK (length(reason) BETWEEN 1 AND 1000),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT separated_once PRIMARY KEY (park_id, asset_id, other_id),
  CONSTRAINT separated_in_order CHECK (asset_id < other_id),
  CONSTRAINT separated_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id) ON DELETE CASCADE,
  CONSTRAINT separated_other FOREIGN KEY (park_id, other_id) REFERENCES asset (park_id, id) ON DELETE CASCADE
);
CREATE INDEX separation_other ON separation (park_id, other_id);
COMMENT ON TABLE separation IS 'Two units whose outlines overlap and that staff say are separate all the same.';
COMMENT ON COLUMN separation.park_id IS 'The park of both [staff]';
COMMENT ON COLUMN separation.asset_id IS 'The one with the lower id [staff]';
COMMENT ON COLUMN separation.other_id IS 'The other [staff]';
COMMENT ON COLUMN separation.reason IS 'Why they are separate [staff]';
COMMENT ON COLUMN separation.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE separation ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON separation TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON separation TO panhuo_app;

-- Share of the smaller outline that both cover. Two that only touch share nothing.
CREATE FUNCTION overlap_share(one geometry, other geometry) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
  SELECT ST_Area(ST_Intersection(one, other)::geography) / least(ST_Area(one::geography), ST_Area(other::geography))
$$;
REVOKE EXECUTE ON FUNCTION overlap_share(geometry, geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION overlap_share(geometry, geometry) TO panhuo_app;

-- Whether two outlines share more than surveying leaves, 1 m².
CREATE FUNCTION outlines_meet(one geometry, other geometry) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
  SELECT one && other AND ST_Area(ST_Intersection(one, other)::geography) > 1
$$;
REVOKE EXECUTE ON FUNCTION outlines_meet(geometry, geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outlines_meet(geometry, geometry) TO panhuo_app;

-- The leaves a deal takes: those at or below its units and, unless it is about land alone, those of the buildings on them: all that
-- stand on a plot, and of a part those its outline meets.
CREATE FUNCTION leaves_of_deal(park uuid, deal uuid) RETURNS TABLE (leaf_id uuid)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE named AS (
    SELECT a.id, a.is_leaf, a.root_id, a.kind, a.geom, o.is_land_alone
    FROM outcome AS o JOIN outcome_asset AS n ON n.park_id = park AND n.outcome_id = o.id JOIN asset AS a ON a.park_id = park AND a.id = n.asset_id
    WHERE o.park_id = park AND o.id = deal
  ), taken (id, is_leaf) AS (
    SELECT named.id, named.is_leaf FROM named
    UNION
    SELECT b.id, b.is_leaf FROM named JOIN asset AS b ON b.park_id = park AND b.plot_id = named.root_id
    WHERE named.kind = 'land' AND NOT named.is_land_alone AND (named.id = named.root_id OR outlines_meet(named.geom, b.geom))
    UNION
    SELECT a.id, a.is_leaf FROM taken JOIN asset AS a ON a.park_id = park AND a.parent_id = taken.id
  )
  SELECT taken.id FROM taken WHERE taken.is_leaf ORDER BY taken.id
$$;
REVOKE EXECUTE ON FUNCTION leaves_of_deal(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leaves_of_deal(uuid, uuid) TO panhuo_app;

-- Whether a claim runs on that day or later, or is of a tenant of whom nobody said that it left.
CREATE FUNCTION claim_stands(o occupancy, day date) RETURNS boolean LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT upper_inf(o.during) OR upper(o.during) > day OR o.source_kind = 'tenancy' AND EXISTS (
    SELECT FROM tenancy AS t WHERE t.park_id = o.park_id AND t.outcome_id = o.source_id AND upper(t.during) = upper(o.during)
      AND tenancy_state(t, day) = 'to_verify')
$$;
REVOKE EXECUTE ON FUNCTION claim_stands(occupancy, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_stands(occupancy, date) TO panhuo_app;

-- As before; and of a tenancy on land, the buildings that its deal took with it.
CREATE OR REPLACE FUNCTION units_to_verify(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unsaid AS (
    SELECT t.outcome_id, a.id, a.root_id, a.kind FROM tenancy AS t JOIN asset AS a ON a.park_id = t.park_id AND a.id = t.asset_id
    WHERE t.park_id = park AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected AND NOT upper_inf(t.during)
      AND upper(t.during) <= day
  ), below AS (
    SELECT unsaid.id FROM unsaid WHERE roots IS NULL OR unsaid.root_id = ANY (roots)
    UNION
    SELECT b.id FROM unsaid CROSS JOIN LATERAL leaves_of_deal(park, unsaid.outcome_id) AS l JOIN asset AS b ON b.park_id = park AND b.id = l.leaf_id
    WHERE unsaid.kind = 'land' AND b.root_id <> unsaid.root_id AND (roots IS NULL OR b.root_id = ANY (roots))
      AND EXISTS (SELECT FROM asset AS on_it WHERE on_it.park_id = park AND on_it.plot_id = unsaid.root_id AND (roots IS NULL OR on_it.id = ANY (roots)))
    UNION
    SELECT a.id FROM below JOIN asset AS a ON a.park_id = park AND a.parent_id = below.id
  )
  SELECT below.id FROM below
$$;

-- What is drawn already: an issue on both of two roots of one level that overlap by over 5 % of the smaller, and on a building that lies
-- for the most part on a plot it does not name.
WITH root AS (SELECT park_id, id, code, level, plot_id, geom FROM asset WHERE root_id = id), found AS (
  SELECT a.park_id, a.id, jsonb_agg(jsonb_build_object('code', 'roots_overlap', 'field', 'geometry', 'other_id', b.id, 'other', b.code,
    'share', round(overlap_share(a.geom, b.geom)::numeric, 3)) ORDER BY b.id) AS issues
  FROM root AS a JOIN root AS b ON b.park_id = a.park_id AND b.level = a.level AND b.id <> a.id AND b.geom && a.geom
  WHERE overlap_share(a.geom, b.geom) > 0.05 GROUP BY a.park_id, a.id
  UNION ALL
  SELECT a.park_id, a.id, jsonb_agg(jsonb_build_object('code', 'plot_not_named', 'field', 'plot_id', 'other_id', b.id, 'other', b.code) ORDER BY b.id)
  FROM root AS a JOIN root AS b ON b.park_id = a.park_id AND b.level = 'plot' AND b.geom && a.geom
  WHERE a.level = 'building' AND a.plot_id IS NULL
    AND ST_Area(ST_Intersection(a.geom, b.geom)::geography) > 0.5 * ST_Area(a.geom::geography) GROUP BY a.park_id, a.id
)
UPDATE asset SET issues = asset.issues || f.issues
FROM (SELECT park_id, id, jsonb_agg(one) AS issues FROM found, jsonb_array_elements(found.issues) AS one GROUP BY park_id, id) AS f
WHERE asset.park_id = f.park_id AND asset.id = f.id;
