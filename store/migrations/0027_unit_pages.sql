-- What the page of a unit shows beside the unit: since when its leaves are in use, without firm or rent; and how its
-- park stands, so that a page is made once for all who read it.

SET search_path = panhuo, public;

CREATE VIEW park_state_visible AS SELECT scope_id AS park_id, rev FROM head WHERE kind = 'park';
COMMENT ON VIEW park_state_visible IS 'How many acts there were in a park: pages made since then are as they were.';
GRANT SELECT ON park_state_visible TO panhuo_app, panhuo_public;

-- A row a leaf at or below a published unit and a time that it is in use; during NULL: none.
CREATE VIEW asset_use_visible AS
  SELECT a.park_id, a.id AS asset_id, leaf.id AS leaf_id, leaf.idle_since, o.during
  FROM asset AS a
    JOIN asset AS leaf ON leaf.park_id = a.park_id AND leaf.root_id = a.root_id AND leaf.is_leaf
      AND leaf.retired_on IS NULL
    LEFT JOIN asset AS above ON above.park_id = a.park_id AND above.id = leaf.parent_id
    LEFT JOIN occupancy AS o ON o.park_id = a.park_id AND o.leaf_id = leaf.id AND o.claim = 'use'
  WHERE a.listing = 'published' AND (a.id IN (leaf.id, leaf.parent_id, above.parent_id) OR a.id = a.root_id);
COMMENT ON VIEW asset_use_visible IS 'When published units are in use, leaf by leaf.';
GRANT SELECT ON asset_use_visible TO panhuo_app, panhuo_public;
