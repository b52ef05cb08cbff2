-- All paths of a deal, and their supervision: stages along versioned graphs, agreements with figures, reports, plans, approvals, lights.

SET LOCAL search_path = panhuo, public;

ALTER TABLE scheme
  DROP CONSTRAINT scheme_kind,
  ADD CONSTRAINT scheme_kind CHECK (kind IN ('matching', 'chain', 'stated_figures', 'paths', 'lights', 'approvals'));
COMMENT ON TABLE scheme IS 'Versioned data a rule reads: parameters of the ranking, the chain table, figures a source states, paths, lights, approvals.';
COMMENT ON COLUMN scheme.kind IS 'matching, chain, stated_figures, paths, lights or approvals [public]';

-- Which stage follows which is versioned data (scheme `paths`); the constraints here hold for every version of it.
ALTER TABLE outcome
  ADD COLUMN paths_version text NOT NULL DEFAULT 'paths-1',
  DROP CONSTRAINT outcome_path,
  DROP CONSTRAINT outcome_stage,
  DROP CONSTRAINT revived_once_use_or_title_passed,
  DROP CONSTRAINT a_lease_has_its_days,
  DROP CONSTRAINT a_swap_has_its_giver,
  DROP CONSTRAINT corrections_say_why,
  DROP CONSTRAINT refusals_say_why,
  ADD CONSTRAINT outcome_path CHECK (path IN ('lease', 'sublease', 'part_use', 'temporary_use', 'owner_restart', 'joint_development', 'built_to_suit',
    'sale', 'equity_swap', 'share_purchase', 'judicial_auction', 'repurchase_resupply', 'merger')),
  ADD CONSTRAINT outcome_stage CHECK (stage IN ('opened', 'reserved', 'signed', 'construction_started', 'completed', 'proposed', 'due_diligence',
    'valuation', 'resolved', 'listed', 'won', 'repurchased', 'resupplied', 'contracted', 'tax_cleared', 'title_registered', 'equity_registered',
    'supervision_agreement_signed', 'handed_over', 'retrofit', 'trial_production', 'full_production', 'ended', 'withdrawn', 'rejected', 'corrected')),
  ADD CONSTRAINT revived_only_once_under_way CHECK (revived_on IS NULL OR stage NOT IN ('opened', 'reserved', 'signed', 'proposed', 'due_diligence',
    'valuation', 'resolved', 'listed', 'won', 'repurchased', 'contracted', 'tax_cleared', 'withdrawn', 'rejected', 'corrected')),
  ADD CONSTRAINT a_revival_has_its_day CHECK (stage <> 'ended' OR revived_on IS NOT NULL),
  ADD CONSTRAINT let_space_has_its_days CHECK (path NOT IN ('lease', 'sublease', 'part_use', 'temporary_use') OR intended IS NOT NULL),
  ADD CONSTRAINT what_passes_has_its_giver CHECK (path NOT IN ('sublease', 'sale', 'equity_swap', 'share_purchase', 'judicial_auction',
    'repurchase_resupply', 'merger') OR owner_firm_id IS NOT NULL),
  ADD CONSTRAINT ways_out_say_why CHECK (stage NOT IN ('withdrawn', 'rejected', 'corrected') OR reason IS NOT NULL);
COMMENT ON COLUMN outcome.paths_version IS 'Version of the scheme `paths` the deal was opened under and follows to its end [staff]';
COMMENT ON COLUMN outcome.owner_firm_id IS 'The firm that gives: title, equity, or as tenant the space it lets on; NULL: nobody gives [staff]';
COMMENT ON COLUMN outcome.revived_on IS 'Day the revival counts on: which stage sets it depends on the path; NULL: not yet [staff]';
COMMENT ON COLUMN outcome.reason IS 'Why it was withdrawn, rejected or corrected, or went back [staff]';
ALTER TABLE history.outcome ADD COLUMN paths_version text;
DROP TRIGGER keep_past ON outcome;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year, paths_version
  OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year, paths_version
  );
CREATE OR REPLACE VIEW outcome_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year, paths_version
  FROM outcome
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year, paths_version
  FROM history.outcome;

-- A milestone is planned, reached, or both; one that was gone back behind is reversed, not deleted.
ALTER TABLE milestone
  ADD COLUMN planned_on date,
  ADD COLUMN planned_on_precision text CONSTRAINT planned_precision_known CHECK (planned_on_precision IN ('day', 'month', 'year')),
  ADD COLUMN facts jsonb NOT NULL DEFAULT '{}' CONSTRAINT milestone_facts_are_named CHECK (jsonb_typeof(facts) = 'object'),
  ADD COLUMN is_reversed boolean NOT NULL DEFAULT false,
  ADD COLUMN reason text,
  ALTER COLUMN evidence DROP NOT NULL,
  DROP CONSTRAINT a_day_unless_not_stated,
  ADD CONSTRAINT a_day_unless_not_stated CHECK (happened_on IS NOT NULL OR evidence IS NOT DISTINCT FROM 'not_stated' OR evidence IS NULL),
  ADD CONSTRAINT reached_or_planned CHECK (evidence IS NOT NULL OR planned_on IS NOT NULL AND happened_on IS NULL),
  ADD CONSTRAINT planned_day_has_a_precision CHECK ((planned_on IS NULL) = (planned_on_precision IS NULL)),
  ADD CONSTRAINT reversals_say_why CHECK (NOT is_reversed OR reason IS NOT NULL);
COMMENT ON TABLE milestone IS 'A stage of a deal: when it was planned for, when it was really reached; one row a stage.';
COMMENT ON COLUMN milestone.evidence IS 'stated; not_stated: told afterwards, and the source says nothing of it; NULL: planned, not reached [staff]';
COMMENT ON COLUMN milestone.planned_on IS 'Day it is planned for, Asia/Shanghai; a month or year is its first day; NULL: no plan [staff]';
COMMENT ON COLUMN milestone.planned_on_precision IS 'How exactly the plan says it [staff]';
COMMENT ON COLUMN milestone.facts IS 'Documents, dates and figures the stage was told with, by name; yuan, m², shares of 1 [staff]';
COMMENT ON COLUMN milestone.is_reversed IS 'True: the deal went back behind it [staff]';
COMMENT ON COLUMN milestone.reason IS 'Why it went back [staff]';
ALTER TABLE history.milestone
  ADD COLUMN planned_on date, ADD COLUMN planned_on_precision text, ADD COLUMN facts jsonb, ADD COLUMN is_reversed boolean, ADD COLUMN reason text;
DROP TRIGGER keep_past ON milestone;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on, planned_on_precision, facts,
  is_reversed, reason
  OR DELETE ON milestone FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on, planned_on_precision, facts,
  is_reversed, reason
  );
CREATE OR REPLACE VIEW milestone_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on, planned_on_precision, facts,
  is_reversed, reason
  FROM milestone
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on, planned_on_precision, facts,
  is_reversed, reason
  FROM history.milestone;
INSERT INTO milestone (park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, recorded_at)
SELECT o.park_id, o.id, m.kind, m.happened_on, 'day', 'stated', least(o.recorded_at, (SELECT min(h.recorded_at) FROM history.outcome AS h
  WHERE h.park_id = o.park_id AND h.id = o.id))
FROM outcome AS o CROSS JOIN LATERAL (VALUES ('opened', o.opened_on), ('signed', o.signed_on), ('ended', o.ended_on),
  ('handed_over', (SELECT min(t.handed_over_on) FROM tenancy AS t WHERE t.park_id = o.park_id AND t.outcome_id = o.id))) AS m (kind, happened_on)
WHERE o.path = 'lease' AND m.happened_on IS NOT NULL;

CREATE TABLE agreement (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  document_no text,
  signed_on date NOT NULL,
  signed_on_precision text NOT NULL DEFAULT 'day' CONSTRAINT agreement_precision_known CHECK (signed_on_precision IN ('day', 'month', 'year')),
  ends_on date CONSTRAINT agreement_ends_after_signing CHECK (ends_on >= signed_on),
  source text NOT NULL,
  illustrative text[] NOT NULL DEFAULT '{}',
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_of_agreement FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT agreement_of_its_outcome UNIQUE (park_id, outcome_id, id)
);
CREATE TABLE history.agreement (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  document_no text, signed_on date, signed_on_precision text, ends_on date, source text, illustrative text[]
);
CREATE INDEX ON history.agreement (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative
  OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative
  );
CREATE OR REPLACE VIEW agreement_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative
  FROM agreement
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative
  FROM history.agreement;
COMMENT ON TABLE agreement IS 'A supervision agreement (履约监管协议) beside a deal: what is promised, by when.';
COMMENT ON COLUMN agreement.park_id IS 'The park [staff]';
COMMENT ON COLUMN agreement.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN agreement.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN agreement.document_no IS 'Number of the paper; NULL unknown [staff]';
COMMENT ON COLUMN agreement.signed_on IS 'Day it was signed, Asia/Shanghai [staff]';
COMMENT ON COLUMN agreement.signed_on_precision IS 'How exactly that day is known [staff]';
COMMENT ON COLUMN agreement.ends_on IS 'Last day it binds; NULL: open [staff]';
COMMENT ON COLUMN agreement.source IS 'Where it comes from [staff]';
COMMENT ON COLUMN agreement.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN agreement.recorded_at IS 'Known from; UTC [staff]';

CREATE TABLE indicator (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT indicator_name_known CHECK (name IN ('output', 'revenue', 'tax', 'added_value', 'investment', 'jobs', 'energy', 'research')),
  value numeric(18, 2) NOT NULL CONSTRAINT indicator_value_range CHECK (value > 0),
  unit text NOT NULL CONSTRAINT indicator_unit_known CHECK (unit IN ('yuan', 'person', 'tce', 'kwh')),
  per text NOT NULL CONSTRAINT indicator_per_known CHECK (per IN ('year', 'total')),
  starts_on date NOT NULL,
  due_on date CONSTRAINT indicator_due_after_start CHECK (due_on >= starts_on),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT agreement_of_indicator FOREIGN KEY (park_id, outcome_id, agreement_id) REFERENCES agreement (park_id, outcome_id, id),
  CONSTRAINT indicator_of_its_outcome UNIQUE (park_id, outcome_id, id, unit),
  CONSTRAINT a_total_has_its_day CHECK (per = 'year' OR due_on IS NOT NULL)
);
CREATE TABLE history.indicator (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  agreement_id uuid, name text, value numeric(18, 2), unit text, per text, starts_on date, due_on date
);
CREATE INDEX ON history.indicator (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on
  OR DELETE ON indicator FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on
  );
CREATE OR REPLACE VIEW indicator_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on
  FROM indicator
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on
  FROM history.indicator;
COMMENT ON TABLE indicator IS 'A figure an agreement promises: so much a year from a day on, or so much in all by a day.';
COMMENT ON COLUMN indicator.park_id IS 'The park [staff]';
COMMENT ON COLUMN indicator.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN indicator.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN indicator.agreement_id IS 'The agreement [staff]';
COMMENT ON COLUMN indicator.name IS 'What is promised: output, revenue, tax, added_value, investment, jobs, energy, research [staff]';
COMMENT ON COLUMN indicator.value IS 'How much, in `unit` [staff]';
COMMENT ON COLUMN indicator.unit IS 'yuan, person, tce (吨标煤) or kwh [staff]';
COMMENT ON COLUMN indicator.per IS 'year: in each year; total: in all, by due_on [staff]';
COMMENT ON COLUMN indicator.starts_on IS 'Day it runs from; the first part of a year counts by days [staff]';
COMMENT ON COLUMN indicator.due_on IS 'Last day it runs to; NULL: open [staff]';
COMMENT ON COLUMN indicator.recorded_at IS 'Known from; UTC [staff]';

CREATE INDEX indicator_outcome ON indicator (park_id, outcome_id);

CREATE TABLE report (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  indicator_id uuid NOT NULL,
  year integer NOT NULL CONSTRAINT report_year_range CHECK (year BETWEEN 1990 AND 2199),
  quarter integer CONSTRAINT report_quarter_range CHECK (quarter BETWEEN 1 AND 4),
  value numeric(18, 2) NOT NULL CONSTRAINT report_value_range CHECK (value >= 0),
  unit text NOT NULL,
  source text NOT NULL,
  reason text,
  illustrative text[] NOT NULL DEFAULT '{}',
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT report_in_the_unit_promised FOREIGN KEY (park_id, outcome_id, indicator_id, unit) REFERENCES indicator (park_id, outcome_id, id, unit),
  CONSTRAINT one_report_a_period UNIQUE NULLS NOT DISTINCT (park_id, indicator_id, year, quarter)
);
CREATE TABLE history.report (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  indicator_id uuid, year integer, quarter integer, value numeric(18, 2), unit text, source text, reason text, illustrative text[]
);
CREATE INDEX ON history.report (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  OR DELETE ON report FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  );
CREATE OR REPLACE VIEW report_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  FROM report
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  FROM history.report;
COMMENT ON TABLE report IS 'What was really delivered of a promised figure in a quarter or a year; a correction changes the row, with its reason.';
COMMENT ON COLUMN report.park_id IS 'The park [staff]';
COMMENT ON COLUMN report.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN report.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN report.indicator_id IS 'The promised figure [staff]';
COMMENT ON COLUMN report.year IS 'Calendar year, Asia/Shanghai [staff]';
COMMENT ON COLUMN report.quarter IS '1 to 4; NULL: the whole year, which then goes before its quarters [staff]';
COMMENT ON COLUMN report.value IS 'How much in that period, in `unit` [staff]';
COMMENT ON COLUMN report.unit IS 'Unit of the promised figure [staff]';
COMMENT ON COLUMN report.source IS 'Where the figure comes from [staff]';
COMMENT ON COLUMN report.reason IS 'Why it was corrected; NULL: never was [staff]';
COMMENT ON COLUMN report.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN report.recorded_at IS 'Known from; UTC [staff]';

CREATE INDEX report_outcome ON report (park_id, outcome_id);

CREATE TABLE approval (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  item text NOT NULL CONSTRAINT approval_item_form CHECK (item ~ '^[a-z][a-z_]{0,63}$'),
  name text NOT NULL,
  series text CONSTRAINT approval_series_form CHECK (series ~ '^[a-z][a-z_]{0,63}$'),
  target_days integer CONSTRAINT approval_target_range CHECK (target_days BETWEEN 1 AND 3650),
  agent_id uuid CONSTRAINT approval_agent REFERENCES account,
  applied_on date,
  done_on date CONSTRAINT approval_done_after_applied CHECK (done_on >= applied_on),
  result text CONSTRAINT approval_result_known CHECK (result IN ('approved', 'refused')),
  document_no text,
  note text,
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_of_approval FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT one_approval_an_item UNIQUE (park_id, outcome_id, item),
  CONSTRAINT approval_done_with_a_result CHECK ((done_on IS NULL) = (result IS NULL)),
  CONSTRAINT approval_done_once_applied CHECK (done_on IS NULL OR applied_on IS NOT NULL)
);
CREATE TABLE history.approval (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  item text, name text, series text, target_days integer, agent_id uuid, applied_on date, done_on date, result text, document_no text, note text
);
CREATE INDEX ON history.approval (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note
  OR DELETE ON approval FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note
  );
CREATE OR REPLACE VIEW approval_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note
  FROM approval
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note
  FROM history.approval;
COMMENT ON TABLE approval IS 'One item of a deal''s checklist of approvals, handled by an agent for the firm (帮代办).';
COMMENT ON COLUMN approval.park_id IS 'The park [staff]';
COMMENT ON COLUMN approval.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN approval.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN approval.item IS 'Code of the item [staff]';
COMMENT ON COLUMN approval.name IS 'Its name, Chinese [staff]';
COMMENT ON COLUMN approval.series IS 'Series of target days it belongs to (scheme approvals); NULL: none [staff]';
COMMENT ON COLUMN approval.target_days IS 'Days it should take from application, as the series said then; NULL: no target [staff]';
COMMENT ON COLUMN approval.agent_id IS 'Account that handles it for the firm; NULL: nobody yet [staff]';
COMMENT ON COLUMN approval.applied_on IS 'Day it was applied for [staff]';
COMMENT ON COLUMN approval.done_on IS 'Day it was decided [staff]';
COMMENT ON COLUMN approval.result IS 'approved or refused [staff]';
COMMENT ON COLUMN approval.document_no IS 'Number of the approval [staff]';
COMMENT ON COLUMN approval.note IS 'What there is to say [staff]';
COMMENT ON COLUMN approval.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN approval.recorded_at IS 'Known from; UTC [staff]';

CREATE TABLE light (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  colour text NOT NULL CONSTRAINT light_colour_known CHECK (colour IN ('blue', 'green', 'yellow', 'red')),
  behind_points numeric(7, 2),
  late_days integer,
  reasons text[] NOT NULL DEFAULT '{}',
  version text NOT NULL,
  on_day date NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id),
  CONSTRAINT outcome_of_light FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id)
);
CREATE TABLE history.light (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid,
  colour text, behind_points numeric(7, 2), late_days integer, reasons text[], version text, on_day date
);
CREATE INDEX ON history.light (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day
  OR DELETE ON light FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day
  );
CREATE OR REPLACE VIEW light_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day
  FROM light
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day
  FROM history.light;
COMMENT ON TABLE light IS 'The light (红黄蓝绿) of a supervised deal as last computed; changed by acts and by turnover, so that readers see it and events tell of it.';
COMMENT ON COLUMN light.park_id IS 'The park [staff]';
COMMENT ON COLUMN light.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN light.colour IS 'blue done or ahead, green on plan, yellow behind, red far behind [staff]';
COMMENT ON COLUMN light.behind_points IS 'Percentage points behind plan; NULL: nothing reported [staff]';
COMMENT ON COLUMN light.late_days IS 'Days the latest milestone is late; NULL: none is due [staff]';
COMMENT ON COLUMN light.reasons IS 'Codes of what made it so [staff]';
COMMENT ON COLUMN light.version IS 'Version of the scheme lights [staff]';
COMMENT ON COLUMN light.on_day IS 'Day it was computed for, Asia/Shanghai [staff]';
COMMENT ON COLUMN light.recorded_at IS 'Known from; UTC [staff]';

ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agreement TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.agreement TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE indicator ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON indicator TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.indicator ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.indicator TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON report TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.report ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.report TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON approval TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.approval TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE light ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON light TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.light ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.light TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON agreement, indicator, report, approval, light TO panhuo_app;
GRANT SELECT ON history.agreement, history.indicator, history.report, history.approval, history.light, milestone_known, agreement_known, indicator_known, report_known, approval_known, light_known TO panhuo_app;

-- A deal as JSON text; days include both ends. Members that are not of its path are left out.
CREATE OR REPLACE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT left(row_to_json(d)::text, -1) || CASE WHEN o.path = 'equity_swap' THEN ',' || left(substr(row_to_json(s)::text, 2), -1) ELSE '' END
    || ',' || substr(row_to_json(r)::text, 2)
  FROM (SELECT
    o.park_id, o.id, o.path, o.paths_version, o.stage, o.firm_id, o.owner_firm_id, o.demand_id, o.ranking_id, o.opened_on,
    lower(o.intended) AS starts_on, upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.output_yuan_year) AS output_yuan_year,
    trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative, o.revision, o.recorded_at,
    (SELECT l.colour FROM light AS l WHERE l.park_id = o.park_id AND l.outcome_id = o.id) AS light,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind, 'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit,
       'is_illustrative', a.is_illustrative) ORDER BY a.asset_id) FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets
  ) AS d, LATERAL (SELECT
    e.appraiser, e.appraisal_method, e.appraised_on, trim_scale(e.appraised_yuan) AS appraised_yuan, e.appraisal_valid_until,
    trim_scale(e.contribution_yuan) AS contribution_yuan, trim_scale(e.equity_share) AS equity_share, e.certificate_no
    FROM (SELECT) AS one LEFT JOIN equity_swap AS e ON e.park_id = o.park_id AND e.outcome_id = o.id
  ) AS s, LATERAL (SELECT
    (SELECT json_agg(json_build_object('stage', m.kind, 'happened_on', m.happened_on, 'precision', m.happened_on_precision, 'evidence', m.evidence,
       'amount_yuan', trim_scale(m.amount_yuan), 'facts', m.facts, 'source', m.source, 'recorded_at', m.recorded_at) ORDER BY m.recorded_at)
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.evidence IS NOT NULL AND NOT m.is_reversed) AS milestones
  ) AS r
$$;

-- What supervision knows of a deal, as JSON text: the plan and what came of it. Who may read the deal may read this.
CREATE FUNCTION supervision_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT o.park_id, o.id, o.path, o.stage, o.opened_on, o.paths_version, o.firm_id, f.name AS firm_name,
    (SELECT coalesce(json_agg(json_build_object('id', a.id, 'document_no', a.document_no, 'signed_on', a.signed_on, 'signed_on_precision', a.signed_on_precision,
       'ends_on', a.ends_on, 'source', a.source, 'illustrative', a.illustrative, 'recorded_at', a.recorded_at) ORDER BY a.id), '[]')
     FROM agreement AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS agreements,
    (SELECT coalesce(json_agg(json_build_object('id', i.id, 'agreement_id', i.agreement_id, 'name', i.name, 'value', trim_scale(i.value), 'unit', i.unit,
       'per', i.per, 'starts_on', i.starts_on, 'due_on', i.due_on) ORDER BY i.id), '[]')
     FROM indicator AS i WHERE i.park_id = o.park_id AND i.outcome_id = o.id) AS indicators,
    (SELECT coalesce(json_agg(json_build_object('id', r.id, 'indicator_id', r.indicator_id, 'year', r.year, 'quarter', r.quarter,
       'value', trim_scale(r.value), 'unit', r.unit, 'source', r.source, 'reason', r.reason, 'illustrative', r.illustrative, 'recorded_at', r.recorded_at)
       ORDER BY r.indicator_id, r.year, r.quarter), '[]')
     FROM report AS r WHERE r.park_id = o.park_id AND r.outcome_id = o.id) AS reports,
    (SELECT coalesce(json_agg(json_build_object('stage', m.kind, 'planned_on', m.planned_on, 'planned_on_precision', m.planned_on_precision,
       'happened_on', CASE WHEN NOT m.is_reversed THEN m.happened_on END, 'happened_on_precision', CASE WHEN NOT m.is_reversed THEN m.happened_on_precision END,
       'evidence', CASE WHEN NOT m.is_reversed THEN m.evidence END) ORDER BY coalesce(m.planned_on, m.happened_on), m.kind), '[]')
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id) AS milestones,
    (SELECT coalesce(json_agg(json_build_object('id', p.id, 'item', p.item, 'name', p.name, 'series', p.series, 'target_days', p.target_days,
       'agent_id', p.agent_id, 'applied_on', p.applied_on, 'done_on', p.done_on, 'result', p.result, 'document_no', p.document_no, 'note', p.note,
       'revision', p.revision, 'recorded_at', p.recorded_at) ORDER BY p.id), '[]')
     FROM approval AS p WHERE p.park_id = o.park_id AND p.outcome_id = o.id) AS approvals
    FROM firm AS f WHERE f.id = o.firm_id) AS d
$$;
CREATE VIEW supervision_visible AS
  SELECT park_id, id, firm_id, supervision_document(outcome) AS document FROM outcome
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid IN (firm_id, owner_firm_id);
REVOKE ALL ON FUNCTION supervision_document(outcome) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION supervision_document(outcome) TO panhuo_app;
GRANT SELECT ON supervision_visible TO panhuo_app;
