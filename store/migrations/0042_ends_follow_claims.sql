-- What a tenancy past its term leaves to verify are also the leaves it claims beside its unit: buildings let with their plot.

SET LOCAL search_path = panhuo, public;

CREATE OR REPLACE FUNCTION units_to_verify(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unsaid AS MATERIALIZED (
    SELECT t.asset_id, t.outcome_id FROM tenancy AS t
    WHERE t.park_id = park AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected
      AND NOT upper_inf(t.during) AND upper(t.during) <= day
  ), below (id) AS (
    SELECT unsaid.asset_id FROM unsaid
    UNION SELECT o.leaf_id FROM unsaid JOIN occupancy AS o ON o.park_id = park AND o.source_id = unsaid.outcome_id
      AND o.claim = 'use'
    UNION SELECT a.id FROM below JOIN asset AS a ON a.park_id = park AND a.parent_id = below.id
  )
  SELECT below.id FROM below
  WHERE roots IS NULL OR EXISTS (
    SELECT FROM asset AS a WHERE a.park_id = park AND a.id = below.id AND a.root_id = ANY (roots))
$$;

-- Whether a claim stands against what is registered on a day: it runs on that day or later, or it is the use of a tenancy
-- of which nobody said how it ended, and which may go on.
CREATE FUNCTION claim_stands(o occupancy, day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = panhuo, public, pg_temp AS $$
  SELECT upper(o.during) IS NULL OR upper(o.during) > day OR o.source_kind = 'tenancy' AND EXISTS (
    SELECT FROM tenancy AS t
    WHERE t.park_id = o.park_id AND t.outcome_id = o.source_id AND tenancy_state(t, day) = 'to_verify')
$$;
REVOKE ALL ON FUNCTION claim_stands(occupancy, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_stands(occupancy, date) TO panhuo_app;
