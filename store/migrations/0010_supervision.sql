-- What a firm promised and what it reports, the years that are closed, approvals, lights.

SET search_path = panhuo, public;

CREATE TABLE agreement (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  document_no text,
  signed_on date NOT NULL,
  signed_on_precision text NOT NULL DEFAULT 'day'
    CONSTRAINT agreement_precision_known CHECK (signed_on_precision IN ('day', 'month', 'year')),
  ends_on date CONSTRAINT agreement_ends_after_signing CHECK (ends_on >= signed_on),
  source text NOT NULL,
  illustrative text[] NOT NULL DEFAULT '{}',
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  state text NOT NULL DEFAULT 'in_force'
    CONSTRAINT agreement_state_known CHECK (state IN ('in_force', 'replaced', 'withdrawn')),
  replaces uuid,
  reason text,
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_of_agreement FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT agreement_of_its_outcome UNIQUE (park_id, outcome_id, id),
  CONSTRAINT agreement_replaced FOREIGN KEY (park_id, outcome_id, replaces)
    REFERENCES agreement (park_id, outcome_id, id),
  CONSTRAINT agreement_replaced_once EXCLUDE USING gist (park_id WITH =, replaces WITH =) WHERE (state <> 'withdrawn'),
  CONSTRAINT agreement_replaces_another CHECK (replaces <> id),
  CONSTRAINT agreement_withdrawn_with_a_reason CHECK (state <> 'withdrawn' OR reason IS NOT NULL)
);
CREATE TABLE history.agreement (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  document_no text, signed_on date, signed_on_precision text, ends_on date, source text, illustrative text[],
  state text NOT NULL DEFAULT 'in_force', replaces uuid, reason text
);
CREATE INDEX ON history.agreement (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces,
  reason
  OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state, replaces,
  reason);
CREATE VIEW agreement_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state,
    replaces, reason
  FROM agreement
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state,
    replaces, reason
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
COMMENT ON COLUMN agreement.state IS
  'in_force; replaced: by an agreement that names it; withdrawn: taken back, it counts nowhere [staff]';
COMMENT ON COLUMN agreement.replaces IS 'The agreement of the same deal whose place it takes; NULL: none [staff]';
COMMENT ON COLUMN agreement.reason IS
  'Why it was corrected, taken back, or signed into a closed year; NULL: never was [staff]';
ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agreement TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.agreement TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON agreement TO panhuo_app;
GRANT SELECT ON history.agreement, agreement_known TO panhuo_app;

CREATE TABLE indicator (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT indicator_name_known
    CHECK (name IN ('output', 'revenue', 'tax', 'added_value', 'investment', 'jobs', 'energy', 'research')),
  value numeric(18, 2) NOT NULL CONSTRAINT indicator_value_range CHECK (value > 0),
  unit text NOT NULL CONSTRAINT indicator_unit_known CHECK (unit IN ('yuan', 'person', 'tce', 'kwh')),
  per text NOT NULL CONSTRAINT indicator_per_known CHECK (per IN ('year', 'total')),
  starts_on date NOT NULL,
  due_on date CONSTRAINT indicator_due_after_start CHECK (due_on >= starts_on),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  state text NOT NULL DEFAULT 'in_force'
    CONSTRAINT indicator_state_known CHECK (state IN ('in_force', 'replaced', 'withdrawn', 'double')),
  agreed_due_on date
    CONSTRAINT indicator_never_longer_than_agreed CHECK (coalesce(due_on <= agreed_due_on, agreed_due_on IS NULL)),
  PRIMARY KEY (park_id, id),
  CONSTRAINT agreement_of_indicator FOREIGN KEY (park_id, outcome_id, agreement_id)
    REFERENCES agreement (park_id, outcome_id, id),
  CONSTRAINT indicator_of_its_outcome UNIQUE (park_id, outcome_id, id, unit),
  CONSTRAINT a_total_has_its_day CHECK (per = 'year' OR due_on IS NOT NULL),
  CONSTRAINT nothing_promised_twice EXCLUDE USING gist (park_id WITH =, outcome_id WITH =, name WITH =, unit WITH =,
    per WITH =, daterange(starts_on, due_on, '[]') WITH &&) WHERE (state = 'in_force') DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX indicator_outcome ON indicator (park_id, outcome_id);
CREATE INDEX indicator_total ON indicator (due_on) WHERE per = 'total';
CREATE TABLE history.indicator (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  agreement_id uuid, name text, value numeric(18, 2), unit text, per text, starts_on date, due_on date,
  state text NOT NULL DEFAULT 'in_force', agreed_due_on date,
  CONSTRAINT past_indicator_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.indicator (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  OR DELETE ON indicator FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on);
CREATE VIEW indicator_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  FROM indicator
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, state, agreed_due_on
  FROM history.indicator;
COMMENT ON TABLE indicator IS
  'A figure an agreement promises: so much a year from a day on, or so much in all by a day.';
COMMENT ON COLUMN indicator.park_id IS 'The park [staff]';
COMMENT ON COLUMN indicator.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN indicator.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN indicator.agreement_id IS 'The agreement [staff]';
COMMENT ON COLUMN indicator.name IS
  'What is promised: output, revenue, tax, added_value, investment, jobs, energy, research [staff]';
COMMENT ON COLUMN indicator.value IS 'How much, in `unit` [staff]';
COMMENT ON COLUMN indicator.unit IS 'yuan, person, tce (吨标煤) or kwh [staff]';
COMMENT ON COLUMN indicator.per IS 'year: in each year; total: in all, by due_on [staff]';
COMMENT ON COLUMN indicator.starts_on IS 'Day it runs from; the first part of a year counts by days [staff]';
COMMENT ON COLUMN indicator.due_on IS
  'Last day it counts: as agreed, or the day before what replaces it; NULL: open [staff]';
COMMENT ON COLUMN indicator.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN indicator.state IS
  'in_force; replaced or withdrawn with its agreement, or by its correction; double: promised twice before that was '
  'refused. Only what is in force counts [staff]';
COMMENT ON COLUMN indicator.agreed_due_on IS 'Last day it runs to as agreed; NULL: open [staff]';
ALTER TABLE indicator ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON indicator TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.indicator ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.indicator TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON indicator TO panhuo_app;
GRANT SELECT ON history.indicator, indicator_known TO panhuo_app;

CREATE TABLE reporting_year (
  park_id uuid NOT NULL CONSTRAINT year_of_park REFERENCES park,
  year integer NOT NULL CONSTRAINT reporting_year_range CHECK (year BETWEEN 1990 AND 2199),
  closed_at timestamptz NOT NULL DEFAULT 'infinity',
  note text,
  PRIMARY KEY (park_id, year),
  CONSTRAINT year_and_its_closing UNIQUE (park_id, year, closed_at),
  CONSTRAINT closing_has_its_note CHECK ((closed_at = 'infinity') = (note IS NULL))
);
COMMENT ON TABLE reporting_year IS 'A year that a park reports on, open or closed; a closed one stays closed.';
COMMENT ON COLUMN reporting_year.park_id IS 'The park [staff]';
COMMENT ON COLUMN reporting_year.year IS 'Calendar year, Asia/Shanghai [staff]';
COMMENT ON COLUMN reporting_year.closed_at IS 'When it was closed, UTC; infinity: open [staff]';
COMMENT ON COLUMN reporting_year.note IS 'What the closing rests on [staff]';
ALTER TABLE reporting_year ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reporting_year TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON reporting_year TO panhuo_app;

-- What is recorded after its year was closed has a later recorded_at and needs its reason; what would slip in as if
-- the year were open meets the foreign key on reporting_year.
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
  closed_at timestamptz NOT NULL DEFAULT 'infinity',
  is_counted boolean NOT NULL DEFAULT true,
  PRIMARY KEY (park_id, id),
  CONSTRAINT report_in_the_unit_promised FOREIGN KEY (park_id, outcome_id, indicator_id, unit)
    REFERENCES indicator (park_id, outcome_id, id, unit),
  CONSTRAINT one_report_a_period UNIQUE NULLS NOT DISTINCT (park_id, indicator_id, year, quarter),
  CONSTRAINT report_of_its_year FOREIGN KEY (park_id, year, closed_at)
    REFERENCES reporting_year (park_id, year, closed_at) ON UPDATE CASCADE,
  CONSTRAINT closed_years_change_by_correction CHECK (recorded_at <= closed_at OR reason IS NOT NULL)
);
CREATE INDEX report_outcome ON report (park_id, outcome_id);
CREATE INDEX report_whole_year ON report (year, park_id, indicator_id) INCLUDE (value, recorded_at)
  WHERE quarter IS NULL AND is_counted;
CREATE INDEX report_quarter ON report (year, park_id, indicator_id) INCLUDE (quarter, value, unit, recorded_at)
  WHERE quarter IS NOT NULL AND is_counted;
CREATE TABLE history.report (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  indicator_id uuid, year integer, quarter integer, value numeric(18, 2), unit text, source text, reason text,
  illustrative text[], is_counted boolean NOT NULL DEFAULT true,
  CONSTRAINT past_report_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.report (park_id, id);
CREATE INDEX report_past_year ON history.report (year, park_id, indicator_id);
-- What was known of a total, as of an instant: all its reports.
CREATE INDEX report_past_indicator ON history.report (park_id, indicator_id, year);
-- Closing a year writes its instant into every report of it, by a cascade that names the year and the park too: no
-- fact of a report changes, so nothing of it goes to the twin, and it stays known since when it was told.
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  ON report FOR EACH ROW WHEN (OLD.closed_at = NEW.closed_at) EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted);
CREATE TRIGGER keep_deleted BEFORE DELETE ON report FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted);
CREATE VIEW report_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  FROM report
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative, is_counted
  FROM history.report;
COMMENT ON TABLE report IS
  'What was really delivered of a promised figure in a quarter or a year; a correction changes the row, with its '
  'reason.';
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
COMMENT ON COLUMN report.closed_at IS 'When its year was closed, UTC; infinity: open; follows reporting_year [staff]';
COMMENT ON COLUMN report.is_counted IS 'Whether its period meets the days on which its figure is in force [staff]';
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON report TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.report ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.report TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON report TO panhuo_app;
GRANT SELECT ON history.report, report_known TO panhuo_app;

CREATE TABLE approval (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  item text NOT NULL CONSTRAINT approval_item_form CHECK (item ~ '^[a-z][a-z_]{0,63}$'),
  name text NOT NULL,
  series text CONSTRAINT approval_series_form CHECK (series ~ '^[a-z][a-z_]{0,63}$'),
  target_days integer CONSTRAINT approval_target_range CHECK (target_days BETWEEN 1 AND 3650),
  agent_id uuid,
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
  CONSTRAINT approval_done_once_applied CHECK (done_on IS NULL OR applied_on IS NOT NULL),
  CONSTRAINT approval_agent FOREIGN KEY (agent_id, park_id) REFERENCES account_park (account_id, park_id) ON DELETE
    SET NULL (agent_id) NOT VALID
);
CREATE TABLE history.approval (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  item text, name text, series text, target_days integer, agent_id uuid, applied_on date, done_on date, result text,
  document_no text, note text
);
CREATE INDEX ON history.approval (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note
  OR DELETE ON approval FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, item, name, series, target_days, agent_id, applied_on, done_on, result, document_no, note);
CREATE VIEW approval_known WITH (security_invoker = true) AS
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
COMMENT ON COLUMN approval.target_days IS
  'Days it should take from application, as the series said then; NULL: no target [staff]';
COMMENT ON COLUMN approval.agent_id IS
  'Account of the park''s staff that handles it for the firm; NULL: nobody yet [staff]';
COMMENT ON COLUMN approval.applied_on IS 'Day it was applied for [staff]';
COMMENT ON COLUMN approval.done_on IS 'Day it was decided [staff]';
COMMENT ON COLUMN approval.result IS 'approved or refused [staff]';
COMMENT ON COLUMN approval.document_no IS 'Number of the approval [staff]';
COMMENT ON COLUMN approval.note IS 'What there is to say [staff]';
COMMENT ON COLUMN approval.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN approval.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON approval TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.approval ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.approval TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON approval TO panhuo_app;
GRANT SELECT ON history.approval, approval_known TO panhuo_app;

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
  next_on date,
  PRIMARY KEY (park_id, outcome_id),
  CONSTRAINT outcome_of_light FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id)
);
CREATE INDEX light_next ON light (next_on);
CREATE TABLE history.light (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, colour text,
  behind_points numeric(7, 2), late_days integer, reasons text[], version text, on_day date, next_on date
);
CREATE INDEX ON history.light (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  OR DELETE ON light FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on);
CREATE VIEW light_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  FROM light
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on
  FROM history.light;
COMMENT ON TABLE light IS
  'The light (红黄蓝绿) of a supervised deal as last computed; changed by acts and by turnover, so that readers see it '
  'and events tell of it.';
COMMENT ON COLUMN light.park_id IS 'The park [staff]';
COMMENT ON COLUMN light.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN light.colour IS 'blue done or ahead, green on plan, yellow behind, red far behind [staff]';
COMMENT ON COLUMN light.behind_points IS 'Percentage points behind plan; NULL: nothing reported [staff]';
COMMENT ON COLUMN light.late_days IS 'Days the latest milestone is late; NULL: none is due [staff]';
COMMENT ON COLUMN light.reasons IS 'Codes of what made it so [staff]';
COMMENT ON COLUMN light.version IS 'Version of the scheme lights [staff]';
COMMENT ON COLUMN light.on_day IS 'Day it was computed for, Asia/Shanghai [staff]';
COMMENT ON COLUMN light.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN light.next_on IS 'First day on which it can change though nothing is told; NULL: none [staff]';
ALTER TABLE light ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON light TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.light ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.light TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON light TO panhuo_app;
GRANT SELECT ON history.light, light_known TO panhuo_app;

-- What supervision knows of a deal, as JSON text: the plan and what came of it, what is taken back or replaced too.
CREATE FUNCTION supervision_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT o.park_id, o.id, o.path, o.stage, o.opened_on, o.paths_version, o.firm_id,
    f.name AS firm_name, (SELECT coalesce(json_agg(json_build_object('id', a.id, 'document_no', a.document_no,
       'signed_on', a.signed_on, 'signed_on_precision', a.signed_on_precision, 'ends_on', a.ends_on, 'source',
       a.source, 'illustrative', a.illustrative, 'state', a.state, 'replaces', a.replaces, 'reason', a.reason,
         'recorded_at', a.recorded_at) ORDER BY a.id), '[]')
     FROM agreement AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS agreements,
    (SELECT coalesce(json_agg(json_build_object('id', i.id, 'agreement_id', i.agreement_id, 'name', i.name,
       'value', trim_scale(i.value), 'unit', i.unit, 'per', i.per, 'starts_on', i.starts_on, 'due_on', i.due_on,
         'agreed_due_on', i.agreed_due_on, 'state', i.state)
       ORDER BY i.id), '[]')
     FROM indicator AS i WHERE i.park_id = o.park_id AND i.outcome_id = o.id) AS indicators,
    (SELECT coalesce(json_agg(json_build_object('id', r.id, 'indicator_id', r.indicator_id, 'year', r.year,
       'quarter', r.quarter, 'value', trim_scale(r.value), 'unit', r.unit, 'source', r.source, 'reason', r.reason,
       'illustrative', r.illustrative, 'is_counted', r.is_counted AND i.state = 'in_force', 'recorded_at',
         r.recorded_at) ORDER BY r.indicator_id, r.year, r.quarter), '[]')
     FROM report AS r JOIN indicator AS i ON i.park_id = r.park_id AND i.id = r.indicator_id
     WHERE r.park_id = o.park_id AND r.outcome_id = o.id) AS reports,
    (SELECT coalesce(json_agg(json_build_object('stage', m.kind, 'planned_on', m.planned_on,
       'planned_on_precision', m.planned_on_precision, 'happened_on', CASE WHEN NOT m.is_reversed THEN m.happened_on
       END,
       'happened_on_precision', CASE WHEN NOT m.is_reversed THEN m.happened_on_precision END,
       'evidence', CASE WHEN NOT m.is_reversed THEN m.evidence END) ORDER BY coalesce(m.planned_on, m.happened_on),
         m.kind), '[]')
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id) AS milestones,
    (SELECT coalesce(json_agg(json_build_object('id', p.id, 'item', p.item, 'name', p.name, 'series', p.series,
       'target_days', p.target_days, 'agent_id', p.agent_id, 'applied_on', p.applied_on, 'done_on', p.done_on,
       'result', p.result, 'document_no', p.document_no, 'note', p.note, 'revision', p.revision, 'recorded_at',
         p.recorded_at) ORDER BY p.id), '[]')
     FROM approval AS p WHERE p.park_id = o.park_id AND p.outcome_id = o.id) AS approvals
    FROM firm AS f WHERE f.id = o.firm_id) AS d
$$;
REVOKE ALL ON FUNCTION supervision_document(outcome) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION supervision_document(outcome) TO panhuo_app;

CREATE VIEW supervision_visible AS
  SELECT park_id, id, firm_id, supervision_document(outcome) AS document FROM outcome
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid IN (firm_id, owner_firm_id);
GRANT SELECT ON supervision_visible TO panhuo_app;
