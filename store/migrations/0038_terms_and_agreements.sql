-- Order 53 without an agreed start; agreements that count once, are corrected, replaced and taken back with a reason.

SET LOCAL search_path = panhuo, public;

ALTER TABLE development ADD COLUMN delivered_on date, ADD COLUMN land_permit_on date;
ALTER TABLE history.development ADD COLUMN delivered_on date, ADD COLUMN land_permit_on date;
COMMENT ON COLUMN development.delivered_on IS 'Day the land was delivered (交地确认书): without an agreed start it is due a year later [staff]';
COMMENT ON COLUMN development.land_permit_on IS 'Day of the land permit (建设用地批准书): counts where the day of delivery is not known [staff]';
DROP TRIGGER keep_past ON development;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on
  OR DELETE ON development FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on
  );
CREATE OR REPLACE VIEW development_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM development
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM history.development;

-- An agreement is in force, replaced by another of its deal, or taken back with a reason.
ALTER TABLE agreement
  ADD COLUMN state text NOT NULL DEFAULT 'in_force'
    CONSTRAINT agreement_state_known CHECK (state IN ('in_force', 'replaced', 'withdrawn')),
  ADD COLUMN replaces uuid,
  ADD COLUMN reason text,
  ADD CONSTRAINT agreement_replaced FOREIGN KEY (park_id, outcome_id, replaces) REFERENCES agreement (park_id, outcome_id, id),
  ADD CONSTRAINT agreement_replaced_once EXCLUDE USING gist (park_id WITH =, replaces WITH =) WHERE (state <> 'withdrawn'),
  ADD CONSTRAINT agreement_replaces_another CHECK (replaces <> id),
  ADD CONSTRAINT agreement_withdrawn_with_a_reason CHECK (state <> 'withdrawn' OR reason IS NOT NULL);
ALTER TABLE history.agreement
  ADD COLUMN state text NOT NULL DEFAULT 'in_force', ADD COLUMN replaces uuid, ADD COLUMN reason text;
COMMENT ON COLUMN agreement.state IS 'in_force; replaced: by an agreement that names it; withdrawn: taken back, it counts nowhere [staff]';
COMMENT ON COLUMN agreement.replaces IS 'The agreement of the same deal whose place it takes; NULL: none [staff]';
COMMENT ON COLUMN agreement.reason IS 'Why it was corrected, taken back, or signed into a closed year; NULL: never was [staff]';
DROP TRIGGER keep_past ON agreement;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces, reason
  OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces, reason
  );
CREATE OR REPLACE VIEW agreement_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces, reason
  FROM agreement
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces, reason
  FROM history.agreement;

-- A figure promised counts while it is in force; due_on follows the agreement that replaces its own, agreed_due_on stays.
ALTER TABLE indicator
  ADD COLUMN state text NOT NULL DEFAULT 'in_force'
    CONSTRAINT indicator_state_known CHECK (state IN ('in_force', 'replaced', 'withdrawn', 'double')),
  ADD COLUMN agreed_due_on date CONSTRAINT indicator_never_longer_than_agreed
    CHECK (coalesce(due_on <= agreed_due_on, agreed_due_on IS NULL));
UPDATE indicator SET agreed_due_on = due_on;
ALTER TABLE history.indicator ADD COLUMN state text NOT NULL DEFAULT 'in_force', ADD COLUMN agreed_due_on date;
COMMENT ON COLUMN indicator.due_on IS 'Last day it counts: as agreed, or the day before what replaces it; NULL: open [staff]';
COMMENT ON COLUMN indicator.agreed_due_on IS 'Last day it runs to as agreed; NULL: open [staff]';
COMMENT ON COLUMN indicator.state IS 'in_force; replaced or withdrawn with its agreement, or by its correction; double: promised twice before that was refused. Only what is in force counts [staff]';
DROP TRIGGER keep_past ON indicator;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  OR DELETE ON indicator FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  );
CREATE OR REPLACE VIEW indicator_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  FROM indicator
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  FROM history.indicator;

-- Of figures promised twice the one with the most reports counts, else the first; the others wait for people, and `doctor` names them.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT i.park_id, i.id, i.outcome_id, i.name, i.unit, i.per, daterange(i.starts_on, i.due_on, '[]') AS days
    FROM indicator AS i JOIN (
      SELECT park_id, outcome_id, name, unit, per FROM indicator GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
    ) AS several USING (park_id, outcome_id, name, unit, per)
    ORDER BY (SELECT count(*) FROM report AS r WHERE r.park_id = i.park_id AND r.indicator_id = i.id) DESC, i.recorded_at, i.id
  LOOP
    UPDATE indicator AS i SET state = 'double' WHERE i.park_id = one.park_id AND i.id <> one.id AND i.outcome_id = one.outcome_id
      AND (i.name, i.unit, i.per) = (one.name, one.unit, one.per) AND i.state = 'in_force' AND daterange(i.starts_on, i.due_on, '[]') && one.days
      AND EXISTS (SELECT FROM indicator AS kept WHERE kept.park_id = one.park_id AND kept.id = one.id AND kept.state = 'in_force');
  END LOOP;
END $$;
UPDATE light SET next_on = current_date
WHERE EXISTS (SELECT FROM indicator AS i WHERE i.park_id = light.park_id AND i.outcome_id = light.outcome_id AND i.state = 'double');
-- Deferrable: one statement may shorten one figure and lengthen another.
ALTER TABLE indicator ADD CONSTRAINT nothing_promised_twice EXCLUDE USING gist (
  park_id WITH =, outcome_id WITH =, name WITH =, unit WITH =, per WITH =, daterange(starts_on, due_on, '[]') WITH &&
) WHERE (state = 'in_force') DEFERRABLE INITIALLY IMMEDIATE;

-- A report counts where its period meets the days on which its figure is in force: written by the act that moves these.
ALTER TABLE report ADD COLUMN is_counted boolean NOT NULL DEFAULT true;
ALTER TABLE history.report ADD COLUMN is_counted boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN report.is_counted IS 'Whether its period meets the days on which its figure is in force [staff]';
DROP TRIGGER keep_past ON report;
DROP TRIGGER keep_deleted ON report;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  ON report FOR EACH ROW WHEN (OLD.closed_at = NEW.closed_at) EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  );
CREATE TRIGGER keep_deleted BEFORE DELETE ON report FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  );
CREATE OR REPLACE VIEW report_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  FROM report
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  FROM history.report;
DROP INDEX report_whole_year;
DROP INDEX report_quarter;
CREATE INDEX report_whole_year ON report (year, park_id, indicator_id) INCLUDE (value, recorded_at)
  WHERE quarter IS NULL AND is_counted;
CREATE INDEX report_quarter ON report (year, park_id, indicator_id) INCLUDE (quarter, value, unit, recorded_at)
  WHERE quarter IS NOT NULL AND is_counted;

-- A deal that nothing is promised or planned for any more has no light.
GRANT DELETE ON light TO panhuo_app;

-- What supervision knows of a deal, as JSON text: the plan and what came of it, what is taken back or replaced too.
CREATE OR REPLACE FUNCTION supervision_document(o outcome) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT o.park_id, o.id, o.path, o.stage, o.opened_on, o.paths_version, o.firm_id, f.name AS firm_name,
    (SELECT coalesce(json_agg(json_build_object('id', a.id, 'document_no', a.document_no, 'signed_on', a.signed_on,
       'signed_on_precision', a.signed_on_precision, 'ends_on', a.ends_on, 'source', a.source, 'illustrative', a.illustrative,
       'state', a.state, 'replaces', a.replaces, 'reason', a.reason, 'recorded_at', a.recorded_at) ORDER BY a.id), '[]')
     FROM agreement AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS agreements,
    (SELECT coalesce(json_agg(json_build_object('id', i.id, 'agreement_id', i.agreement_id, 'name', i.name, 'value', trim_scale(i.value),
       'unit', i.unit, 'per', i.per, 'starts_on', i.starts_on, 'due_on', i.due_on, 'agreed_due_on', i.agreed_due_on, 'state', i.state)
       ORDER BY i.id), '[]')
     FROM indicator AS i WHERE i.park_id = o.park_id AND i.outcome_id = o.id) AS indicators,
    (SELECT coalesce(json_agg(json_build_object('id', r.id, 'indicator_id', r.indicator_id, 'year', r.year, 'quarter', r.quarter,
       'value', trim_scale(r.value), 'unit', r.unit, 'source', r.source, 'reason', r.reason, 'illustrative', r.illustrative,
       'is_counted', r.is_counted AND i.state = 'in_force', 'recorded_at', r.recorded_at) ORDER BY r.indicator_id, r.year, r.quarter), '[]')
     FROM report AS r JOIN indicator AS i ON i.park_id = r.park_id AND i.id = r.indicator_id
     WHERE r.park_id = o.park_id AND r.outcome_id = o.id) AS reports,
    (SELECT coalesce(json_agg(json_build_object('stage', m.kind, 'planned_on', m.planned_on, 'planned_on_precision', m.planned_on_precision,
       'happened_on', CASE WHEN NOT m.is_reversed THEN m.happened_on END,
       'happened_on_precision', CASE WHEN NOT m.is_reversed THEN m.happened_on_precision END,
       'evidence', CASE WHEN NOT m.is_reversed THEN m.evidence END) ORDER BY coalesce(m.planned_on, m.happened_on), m.kind), '[]')
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id) AS milestones,
    (SELECT coalesce(json_agg(json_build_object('id', p.id, 'item', p.item, 'name', p.name, 'series', p.series, 'target_days', p.target_days,
       'agent_id', p.agent_id, 'applied_on', p.applied_on, 'done_on', p.done_on, 'result', p.result, 'document_no', p.document_no, 'note', p.note,
       'revision', p.revision, 'recorded_at', p.recorded_at) ORDER BY p.id), '[]')
     FROM approval AS p WHERE p.park_id = o.park_id AND p.outcome_id = o.id) AS approvals
    FROM firm AS f WHERE f.id = o.firm_id) AS d
$$;
