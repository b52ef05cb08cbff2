-- The draws that say how much an order hangs on its weights are versioned data too.

SET LOCAL search_path = panhuo, public;

ALTER TABLE scheme
  DROP CONSTRAINT scheme_kind,
  ADD CONSTRAINT scheme_kind CHECK (kind IN ('matching', 'chain', 'stated_figures', 'paths', 'lights', 'approvals', 'value', 'draws'));
COMMENT ON COLUMN scheme.kind IS 'matching, chain, stated_figures, paths, lights, approvals, value or draws [public]';
