-- Deals along their paths, the units and milestones of each, who is where from when to when, and who claims what.

SET search_path = panhuo, public;

CREATE TABLE outcome (
  park_id uuid NOT NULL CONSTRAINT outcome_park REFERENCES park,
  id uuid NOT NULL,
  path text NOT NULL,
  stage text NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT outcome_firm REFERENCES firm,
  demand_id uuid,
  ranking_id uuid,
  opened_on date NOT NULL,
  intended daterange CONSTRAINT intended_lasts_a_day CHECK (NOT isempty(intended)),
  reserved_until date,
  signed_on date,
  revived_on date,
  revived_on_precision text
    CONSTRAINT revived_on_precision_known CHECK (revived_on_precision IN ('day', 'month', 'year')),
  ended_on date,
  revenue_yuan_year numeric(18, 2) CONSTRAINT promised_revenue_range CHECK (revenue_yuan_year >= 0),
  tax_yuan_year numeric(18, 2) CONSTRAINT promised_tax_range CHECK (tax_yuan_year >= 0),
  source text,
  reason text,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  owner_firm_id uuid CONSTRAINT outcome_owner REFERENCES firm,
  output_yuan_year numeric(18, 2) CONSTRAINT promised_output_range CHECK (output_yuan_year >= 0),
  paths_version text NOT NULL DEFAULT 'paths-1',
  is_land_alone boolean NOT NULL DEFAULT false,
  renews_tenancy_id uuid,
  notes jsonb NOT NULL DEFAULT '[]' CONSTRAINT notes_name_their_article
    CHECK (jsonb_typeof(notes) = 'array' AND NOT jsonb_path_exists(notes,
    '$[*] ? (!exists(@.code) || !exists(@.article))')),
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT outcome_ranking FOREIGN KEY (firm_id, ranking_id) REFERENCES ranking (firm_id, id),
  CONSTRAINT ended_not_before_start CHECK (ended_on >= revived_on),
  CONSTRAINT signed_not_before_opened CHECK (signed_on >= opened_on),
  CONSTRAINT giver_is_not_taker CHECK (owner_firm_id <> firm_id),
  CONSTRAINT outcome_path CHECK (path IN ('lease', 'sublease', 'part_use', 'temporary_use', 'owner_restart',
    'joint_development', 'built_to_suit', 'sale', 'equity_swap', 'share_purchase', 'judicial_auction',
    'repurchase_resupply', 'merger')),
  CONSTRAINT a_revival_has_its_day CHECK (stage <> 'ended' OR revived_on IS NOT NULL),
  CONSTRAINT let_space_has_its_days CHECK (path NOT IN ('lease', 'sublease', 'part_use', 'temporary_use')
    OR intended IS NOT NULL),
  CONSTRAINT what_passes_has_its_giver CHECK (path NOT IN ('sublease', 'sale', 'equity_swap', 'share_purchase',
    'judicial_auction', 'repurchase_resupply', 'merger') OR owner_firm_id IS NOT NULL),
  CONSTRAINT ways_out_say_why CHECK (stage NOT IN ('withdrawn', 'rejected', 'corrected') OR reason IS NOT NULL),
  CONSTRAINT outcome_stage CHECK (stage IN ('opened', 'reserved', 'signed', 'construction_started', 'completed',
    'proposed', 'due_diligence', 'valuation', 'resolved', 'listed', 'won', 'ruling_served', 'repurchased',
    'resupplied', 'contracted', 'tax_cleared', 'title_registered', 'equity_registered', 'supervision_agreement_signed',
    'handed_over', 'retrofit', 'trial_production', 'full_production', 'ended', 'withdrawn', 'rejected', 'corrected')),
  CONSTRAINT revived_only_once_under_way CHECK (revived_on IS NULL
    OR path IN ('repurchase_resupply', 'judicial_auction') AND stage = 'tax_cleared'
    OR stage NOT IN ('opened', 'reserved', 'signed', 'proposed', 'due_diligence', 'valuation', 'resolved', 'listed',
    'won', 'repurchased', 'contracted', 'tax_cleared', 'withdrawn', 'rejected', 'corrected'))
);
CREATE INDEX outcome_id ON outcome (id);
CREATE INDEX outcome_revived ON outcome (revived_on);
CREATE INDEX outcome_owner ON outcome (owner_firm_id) WHERE owner_firm_id IS NOT NULL;
CREATE INDEX outcome_of_demand ON outcome (firm_id, demand_id);
CREATE INDEX outcome_given_up ON outcome (park_id, id) WHERE stage IN ('withdrawn', 'rejected', 'corrected');
CREATE INDEX outcome_renewal ON outcome (lower(intended)) WHERE stage = 'signed' AND renews_tenancy_id IS NOT NULL;
CREATE TABLE history.outcome (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, path text, stage text,
  firm_id uuid, demand_id uuid, ranking_id uuid, opened_on date, intended daterange, reserved_until date,
  signed_on date, revived_on date, revived_on_precision text, ended_on date, revenue_yuan_year numeric(18, 2),
  tax_yuan_year numeric(18, 2), source text, reason text, illustrative text[], owner_firm_id uuid,
  output_yuan_year numeric(18, 2), paths_version text, is_land_alone boolean, renews_tenancy_id uuid,
  CONSTRAINT past_outcome_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.outcome (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id,
  output_yuan_year, paths_version, is_land_alone, renews_tenancy_id
  OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on,
  revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id,
  output_yuan_year, paths_version, is_land_alone, renews_tenancy_id);
CREATE VIEW outcome_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on,
    revived_on, revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative,
    owner_firm_id, output_yuan_year, paths_version, is_land_alone, renews_tenancy_id
  FROM outcome
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on,
    revived_on, revived_on_precision, ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative,
    owner_firm_id, output_yuan_year, paths_version, is_land_alone, renews_tenancy_id
  FROM history.outcome;
COMMENT ON TABLE outcome IS 'One revival, from opening to the end of the use.';
COMMENT ON COLUMN outcome.park_id IS 'The park [staff]';
COMMENT ON COLUMN outcome.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN outcome.path IS 'How the space is put back to use [staff]';
COMMENT ON COLUMN outcome.stage IS 'Where the deal stands [staff]';
COMMENT ON COLUMN outcome.firm_id IS 'The firm that takes the space [staff]';
COMMENT ON COLUMN outcome.demand_id IS 'The need it answers; NULL: none was posted [staff]';
COMMENT ON COLUMN outcome.ranking_id IS 'The ranking it came from; NULL: none [staff]';
COMMENT ON COLUMN outcome.opened_on IS 'Day the deal was opened, from which it binds [staff]';
COMMENT ON COLUMN outcome.intended IS 'Intended days of use, half-open; NULL: no tenancy [staff]';
COMMENT ON COLUMN outcome.reserved_until IS 'Last day of the reservation [staff]';
COMMENT ON COLUMN outcome.signed_on IS 'Day the lease was signed [staff]';
COMMENT ON COLUMN outcome.revived_on IS
  'Day the revival counts on: which stage sets it depends on the path; NULL: not yet [staff]';
COMMENT ON COLUMN outcome.revived_on_precision IS 'How exactly revived_on is known [staff]';
COMMENT ON COLUMN outcome.ended_on IS 'Last day of the tenancy, or of the new owner''s use [staff]';
COMMENT ON COLUMN outcome.revenue_yuan_year IS 'Promised revenue, yuan a year: a promise, not a fact [staff]';
COMMENT ON COLUMN outcome.tax_yuan_year IS 'Promised tax, yuan a year [staff]';
COMMENT ON COLUMN outcome.source IS 'Where the facts come from [staff]';
COMMENT ON COLUMN outcome.reason IS 'Why it was withdrawn, rejected or corrected, or went back [staff]';
COMMENT ON COLUMN outcome.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN outcome.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN outcome.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN outcome.owner_firm_id IS
  'The firm that gives: title, equity, or as tenant the space it lets on; NULL: nobody gives [staff]';
COMMENT ON COLUMN outcome.output_yuan_year IS 'Promised output, yuan a year: a promise, not a fact [staff]';
COMMENT ON COLUMN outcome.paths_version IS
  'Version of the scheme `paths` the deal was opened under and follows to its end [staff]';
COMMENT ON COLUMN outcome.is_land_alone IS 'True: the buildings on its plots are no part of it [staff]';
COMMENT ON COLUMN outcome.renews_tenancy_id IS 'The tenancy this deal renews; NULL: none [staff]';
COMMENT ON COLUMN outcome.notes IS
  'What the law asks and the records lack: code and article; made anew by every act on the deal [staff]';
ALTER TABLE outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outcome TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR owner_firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.outcome TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR owner_firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON outcome TO panhuo_app;
GRANT SELECT ON history.outcome, outcome_known TO panhuo_app;

CREATE TABLE outcome_asset (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT revived_kind CHECK (kind IN ('land', 'factory')),
  stated_area numeric(18, 6),
  stated_area_unit text CONSTRAINT revived_unit_known CHECK (stated_area_unit IN ('m2', 'mu', 'ha')),
  is_illustrative boolean NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id, asset_id),
  CONSTRAINT asset_of_outcome FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT revived_area_has_a_unit CHECK ((stated_area IS NULL) = (stated_area_unit IS NULL)),
  CONSTRAINT outcome_of_asset FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id)
);
CREATE INDEX outcome_asset_asset ON outcome_asset (park_id, asset_id);
CREATE TABLE history.outcome_asset (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, asset_id uuid,
  kind text, stated_area numeric(18, 6), stated_area_unit text, is_illustrative boolean,
  CONSTRAINT past_outcome_asset_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.outcome_asset (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  OR DELETE ON outcome_asset FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative);
CREATE VIEW outcome_asset_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  FROM outcome_asset
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, asset_id, kind, stated_area, stated_area_unit, is_illustrative
  FROM history.outcome_asset;
COMMENT ON TABLE outcome_asset IS 'What a revival counts: the stated area of each unit, copied when the deal binds.';
COMMENT ON COLUMN outcome_asset.park_id IS 'The park [staff]';
COMMENT ON COLUMN outcome_asset.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN outcome_asset.asset_id IS 'The unit [staff]';
COMMENT ON COLUMN outcome_asset.kind IS 'land or factory [staff]';
COMMENT ON COLUMN outcome_asset.stated_area IS
  'Stated area of the unit, copied when the lease is signed; NULL unknown [staff]';
COMMENT ON COLUMN outcome_asset.stated_area_unit IS 'Its unit [staff]';
COMMENT ON COLUMN outcome_asset.is_illustrative IS 'Whether that area is invented for demonstration [staff]';
COMMENT ON COLUMN outcome_asset.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE outcome_asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outcome_asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.outcome_asset ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.outcome_asset TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON outcome_asset TO panhuo_app;
GRANT SELECT ON history.outcome_asset, outcome_asset_known TO panhuo_app;

CREATE TABLE milestone (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  kind text NOT NULL,
  happened_on date,
  happened_on_precision text
    CONSTRAINT milestone_precision_known CHECK (happened_on_precision IN ('day', 'month', 'year')),
  evidence text CONSTRAINT evidence_known CHECK (evidence IN ('stated', 'not_stated')),
  amount_yuan numeric(18, 2) CONSTRAINT milestone_amount_range CHECK (amount_yuan >= 0),
  source text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  planned_on date,
  planned_on_precision text
    CONSTRAINT planned_precision_known CHECK (planned_on_precision IN ('day', 'month', 'year')),
  facts jsonb NOT NULL DEFAULT '{}' CONSTRAINT milestone_facts_are_named CHECK (jsonb_typeof(facts) = 'object'),
  is_reversed boolean NOT NULL DEFAULT false,
  reason text,
  PRIMARY KEY (park_id, outcome_id, kind),
  CONSTRAINT outcome_of_milestone FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT milestone_day_has_a_precision CHECK ((happened_on IS NULL) = (happened_on_precision IS NULL)),
  CONSTRAINT a_day_unless_not_stated CHECK (happened_on IS NOT NULL OR evidence IS NOT DISTINCT FROM 'not_stated'
    OR evidence IS NULL),
  CONSTRAINT reached_or_planned CHECK (evidence IS NOT NULL OR planned_on IS NOT NULL AND happened_on IS NULL),
  CONSTRAINT planned_day_has_a_precision CHECK ((planned_on IS NULL) = (planned_on_precision IS NULL)),
  CONSTRAINT reversals_say_why CHECK (NOT is_reversed OR reason IS NOT NULL)
);
CREATE TABLE history.milestone (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, kind text,
  happened_on date, happened_on_precision text, evidence text, amount_yuan numeric(18, 2), source text,
  planned_on date, planned_on_precision text, facts jsonb, is_reversed boolean, reason text,
  CONSTRAINT past_milestone_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.milestone (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on,
  planned_on_precision, facts, is_reversed, reason
  OR DELETE ON milestone FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on,
  planned_on_precision, facts, is_reversed, reason);
CREATE VIEW milestone_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on,
    planned_on_precision, facts, is_reversed, reason
  FROM milestone
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source, planned_on,
    planned_on_precision, facts, is_reversed, reason
  FROM history.milestone;
COMMENT ON TABLE milestone IS
  'A stage of a deal: when it was planned for, when it was really reached; one row a stage.';
COMMENT ON COLUMN milestone.park_id IS 'The park [staff]';
COMMENT ON COLUMN milestone.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN milestone.kind IS 'The stage [staff]';
COMMENT ON COLUMN milestone.happened_on IS
  'Day it was reached, Asia/Shanghai; a month or year is its first day; NULL: not stated [staff]';
COMMENT ON COLUMN milestone.happened_on_precision IS 'How exactly that day is known [staff]';
COMMENT ON COLUMN milestone.evidence IS
  'stated; not_stated: told afterwards, and the source says nothing of it; NULL: planned, not reached [staff]';
COMMENT ON COLUMN milestone.amount_yuan IS 'What was spent on it, yuan; NULL unknown [staff]';
COMMENT ON COLUMN milestone.source IS 'Where the fact comes from [staff]';
COMMENT ON COLUMN milestone.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN milestone.planned_on IS
  'Day it is planned for, Asia/Shanghai; a month or year is its first day; NULL: no plan [staff]';
COMMENT ON COLUMN milestone.planned_on_precision IS 'How exactly the plan says it [staff]';
COMMENT ON COLUMN milestone.facts IS
  'Documents, dates and figures the stage was told with, by name; yuan, m², shares of 1 [staff]';
COMMENT ON COLUMN milestone.is_reversed IS 'True: the deal went back behind it [staff]';
COMMENT ON COLUMN milestone.reason IS 'Why it went back [staff]';
ALTER TABLE milestone ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON milestone TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.milestone ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.milestone TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON milestone TO panhuo_app;
GRANT SELECT ON history.milestone, milestone_known TO panhuo_app;

CREATE TABLE equity_swap (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  appraiser text,
  appraisal_method text,
  appraised_on date,
  appraised_yuan numeric(18, 2) CONSTRAINT appraised_range CHECK (appraised_yuan > 0),
  appraisal_valid_until date CONSTRAINT appraisal_lasts_a_day CHECK (appraisal_valid_until >= appraised_on),
  contribution_yuan numeric(18, 2) CONSTRAINT contribution_range CHECK (contribution_yuan > 0),
  equity_share numeric(9, 8) CONSTRAINT equity_share_range CHECK (equity_share > 0 AND equity_share < 1),
  certificate_no text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id),
  CONSTRAINT outcome_of_swap FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT contribution_within_appraisal CHECK (contribution_yuan <= appraised_yuan)
);
CREATE TABLE history.equity_swap (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, appraiser text,
  appraisal_method text, appraised_on date, appraised_yuan numeric(18, 2), appraisal_valid_until date,
  contribution_yuan numeric(18, 2), equity_share numeric(9, 8), certificate_no text
);
CREATE INDEX ON history.equity_swap (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until,
  contribution_yuan, equity_share, certificate_no
  OR DELETE ON equity_swap FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until,
  contribution_yuan, equity_share, certificate_no);
COMMENT ON TABLE equity_swap IS
  'What a contribution in kind agrees. Company Law (2023) art. 48: it is appraised; a figure nobody stated is NULL.';
COMMENT ON COLUMN equity_swap.park_id IS 'The park [staff]';
COMMENT ON COLUMN equity_swap.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN equity_swap.appraiser IS 'Who appraised [staff]';
COMMENT ON COLUMN equity_swap.appraisal_method IS 'How [staff]';
COMMENT ON COLUMN equity_swap.appraised_on IS 'Day of the appraisal [staff]';
COMMENT ON COLUMN equity_swap.appraised_yuan IS 'Appraised value, yuan [staff]';
COMMENT ON COLUMN equity_swap.appraisal_valid_until IS 'Last day the contract may rest on it [staff]';
COMMENT ON COLUMN equity_swap.contribution_yuan IS 'Value the contribution is agreed at, yuan [staff]';
COMMENT ON COLUMN equity_swap.equity_share IS 'Share of the taker''s equity the giver gets, 0 to 1 [staff]';
COMMENT ON COLUMN equity_swap.certificate_no IS 'Number of the new title certificate (不动产权证号) [staff]';
COMMENT ON COLUMN equity_swap.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE equity_swap ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON equity_swap TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.equity_swap ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.equity_swap TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON equity_swap TO panhuo_app;
GRANT SELECT ON history.equity_swap TO panhuo_app;

CREATE TABLE tenancy (
  park_id uuid NOT NULL CONSTRAINT tenancy_park REFERENCES park,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT tenancy_firm REFERENCES firm,
  during daterange NOT NULL CONSTRAINT tenancy_lasts_a_day CHECK (NOT isempty(during)),
  rent_yuan_m2_month numeric(12, 2) CONSTRAINT tenancy_rent_range CHECK (rent_yuan_m2_month >= 0),
  handed_over_on date,
  is_corrected boolean NOT NULL DEFAULT false,
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  left_on date,
  stays_since date,
  renewed_from date,
  noticed_days smallint CONSTRAINT noticed_days_known CHECK (noticed_days IN (180, 90, 30, 0)),
  PRIMARY KEY (park_id, id),
  CONSTRAINT tenancy_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT tenancy_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT an_end_is_one_thing CHECK (left_on IS NULL OR renewed_from IS NULL),
  CONSTRAINT who_stays_has_no_end CHECK (stays_since IS NULL OR upper_inf(during) OR left_on IS NOT NULL),
  CONSTRAINT left_not_before_start CHECK (left_on >= lower(during)),
  CONSTRAINT renewed_after_start CHECK (renewed_from > lower(during))
);
CREATE INDEX tenancy_id ON tenancy (id);
CREATE INDEX tenancy_asset ON tenancy (park_id, asset_id);
CREATE INDEX tenancy_deal ON tenancy (park_id, outcome_id);
-- Tenancies that will be, or are, to verify: by their end.
CREATE INDEX tenancy_open_end ON tenancy (park_id, upper(during)) WHERE left_on IS NULL AND renewed_from IS NULL
  AND NOT is_corrected AND NOT upper_inf(during);
CREATE TABLE history.tenancy (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, outcome_id uuid,
  asset_id uuid, firm_id uuid, during daterange, rent_yuan_m2_month numeric(12, 2), handed_over_on date,
  is_corrected boolean, illustrative text[], left_on date, stays_since date, renewed_from date
);
CREATE INDEX ON history.tenancy (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative,
  left_on, stays_since, renewed_from
  OR DELETE ON tenancy FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative,
  left_on, stays_since, renewed_from);
CREATE VIEW tenancy_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative,
    left_on, stays_since, renewed_from
  FROM tenancy
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, outcome_id, asset_id, firm_id, during, rent_yuan_m2_month, handed_over_on, is_corrected, illustrative,
    left_on, stays_since, renewed_from
  FROM history.tenancy;
COMMENT ON TABLE tenancy IS 'Who is where from when to when.';
COMMENT ON COLUMN tenancy.park_id IS 'The park [staff]';
COMMENT ON COLUMN tenancy.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN tenancy.outcome_id IS 'The deal it came from [staff]';
COMMENT ON COLUMN tenancy.asset_id IS 'The unit let [staff]';
COMMENT ON COLUMN tenancy.firm_id IS 'The tenant [staff]';
COMMENT ON COLUMN tenancy.during IS
  'Days of the term, half-open, Asia/Shanghai; ends with the tenant where that is earlier [staff]';
COMMENT ON COLUMN tenancy.rent_yuan_m2_month IS 'Rent agreed, yuan/m²/month [staff]';
COMMENT ON COLUMN tenancy.handed_over_on IS 'Day of handover [staff]';
COMMENT ON COLUMN tenancy.is_corrected IS 'True: recorded in error, it never was [staff]';
COMMENT ON COLUMN tenancy.illustrative IS 'Names of the fields that are invented for demonstration [staff]';
COMMENT ON COLUMN tenancy.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN tenancy.recorded_at IS 'Known from; UTC [staff]';
COMMENT ON COLUMN tenancy.left_on IS
  'Last day the tenant was or will be there, also later than the term; NULL: nobody said that it left [staff]';
COMMENT ON COLUMN tenancy.stays_since IS
  'Day from which the tenant stays without a term (Civil Code art. 734); NULL: never [staff]';
COMMENT ON COLUMN tenancy.renewed_from IS 'First day of the tenancy that renews it; NULL: not renewed [staff]';
COMMENT ON COLUMN tenancy.noticed_days IS
  'Days before the end that an event has told of last, 180, 90 or 30; 0: that it is to verify; NULL: none yet [staff]';
ALTER TABLE tenancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.tenancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.tenancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON tenancy TO panhuo_app;
GRANT SELECT ON history.tenancy, tenancy_known TO panhuo_app;

-- A deal may renew a tenancy, which came of a deal.
ALTER TABLE outcome ADD CONSTRAINT renewed_tenancy
  FOREIGN KEY (park_id, renews_tenancy_id) REFERENCES tenancy (park_id, id);

-- How a tenancy stands on a day, as far as anybody said.
CREATE FUNCTION tenancy_state(t tenancy, day date) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT CASE WHEN t.is_corrected THEN 'corrected' WHEN t.left_on IS NOT NULL THEN 'left'
    WHEN t.renewed_from IS NOT NULL THEN 'renewed'
    WHEN t.stays_since IS NOT NULL THEN 'stays' WHEN upper(t.during) <= day THEN 'to_verify' ELSE 'in_term' END
$$;
REVOKE ALL ON FUNCTION tenancy_state(tenancy, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy_state(tenancy, date) TO panhuo_app;

-- A tenancy as JSON text; its days include both ends.
CREATE FUNCTION tenancy_document(t tenancy) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    t.park_id, t.id, t.outcome_id, t.asset_id, t.firm_id, lower(t.during) AS starts_on, upper(t.during) - 1 AS ends_on,
    tenancy_state(t, (now() AT TIME ZONE 'Asia/Shanghai')::date) AS state, t.left_on, t.stays_since, t.renewed_from,
    CASE WHEN t.stays_since IS NOT NULL THEN '民法典第734条 Civil Code art. 734' END AS law,
    trim_scale(t.rent_yuan_m2_month) AS rent_yuan_m2_month, t.handed_over_on, t.is_corrected, t.illustrative,
      t.revision, t.recorded_at
  ) AS d
$$;
REVOKE ALL ON FUNCTION tenancy_document(tenancy) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy_document(tenancy) TO panhuo_app;

CREATE VIEW tenancy_visible AS
  SELECT park_id, id, asset_id, firm_id, during, revision, tenancy_document(tenancy) AS document,
    tenancy_state(tenancy, (now() AT TIME ZONE 'Asia/Shanghai')::date) AS state FROM tenancy
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
GRANT SELECT ON tenancy_visible TO panhuo_app;

CREATE TABLE occupancy (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  leaf_id uuid NOT NULL,
  on_leaf boolean GENERATED ALWAYS AS (true) STORED,
  claim text NOT NULL CONSTRAINT claim_known CHECK (claim IN ('use', 'deal')),
  source_kind text NOT NULL,
  source_id uuid NOT NULL,
  holder_id uuid NOT NULL,
  during daterange NOT NULL CONSTRAINT claims_last_a_day CHECK (NOT isempty(during)),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT claims_lie_on_leaves FOREIGN KEY (park_id, leaf_id, on_leaf) REFERENCES asset (park_id, id, is_leaf),
  CONSTRAINT no_double_letting EXCLUDE USING gist (park_id WITH =, leaf_id WITH =, claim WITH =, during WITH &&),
  CONSTRAINT claim_source_known CHECK (source_kind IN ('tenancy', 'reservation', 'deal', 'own_use'))
);
CREATE INDEX occupancy_id ON occupancy (id);
CREATE INDEX occupancy_source ON occupancy (park_id, source_id);
CREATE TABLE history.occupancy (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, leaf_id uuid,
  claim text, source_kind text, source_id uuid, holder_id uuid, during daterange,
  CONSTRAINT past_occupancy_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.occupancy (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during
  OR DELETE ON occupancy FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during);
CREATE VIEW occupancy_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during
  FROM occupancy
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, leaf_id, claim, source_kind, source_id, holder_id, during
  FROM history.occupancy;
COMMENT ON TABLE occupancy IS 'One row for every leaf that a tenancy, a reservation or an active deal takes.';
COMMENT ON COLUMN occupancy.park_id IS 'The park [staff]';
COMMENT ON COLUMN occupancy.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN occupancy.leaf_id IS 'The leaf claimed [staff]';
COMMENT ON COLUMN occupancy.on_leaf IS 'Always true: a unit with parts cannot be claimed [staff]';
COMMENT ON COLUMN occupancy.claim IS 'use: who may be in there; deal: an active deal [staff]';
COMMENT ON COLUMN occupancy.source_kind IS 'tenancy, reservation, deal, or own_use: the owner is in there [staff]';
COMMENT ON COLUMN occupancy.source_id IS 'The outcome behind it [staff]';
COMMENT ON COLUMN occupancy.holder_id IS 'The firm that holds it [staff]';
COMMENT ON COLUMN occupancy.during IS 'Days, half-open, Asia/Shanghai [staff]';
COMMENT ON COLUMN occupancy.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE occupancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON occupancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.occupancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.occupancy TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON occupancy TO panhuo_app;
GRANT SELECT ON history.occupancy, occupancy_known TO panhuo_app;

-- Whether a claim runs on that day or later, or is of a tenant of whom nobody said that it left.
CREATE FUNCTION claim_stands(o occupancy, day date) RETURNS boolean LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT upper_inf(o.during) OR upper(o.during) > day OR o.source_kind = 'tenancy' AND EXISTS (
    SELECT FROM tenancy AS t WHERE t.park_id = o.park_id AND t.outcome_id = o.source_id
      AND upper(t.during) = upper(o.during)
      AND tenancy_state(t, day) = 'to_verify')
$$;
REVOKE ALL ON FUNCTION claim_stands(occupancy, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_stands(occupancy, date) TO panhuo_app;

-- The leaves a deal takes: those at or below its units and, unless it is about land alone, those of the buildings on
-- them: all that stand on a plot, and of a part those its outline meets.
CREATE FUNCTION leaves_of_deal(park uuid, deal uuid) RETURNS TABLE (leaf_id uuid) LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE named AS (
    SELECT a.id, a.is_leaf, a.root_id, a.kind, a.geom, o.is_land_alone
    FROM outcome AS o JOIN outcome_asset AS n ON n.park_id = park AND n.outcome_id = o.id
      JOIN asset AS a ON a.park_id = park AND a.id = n.asset_id
    WHERE o.park_id = park AND o.id = deal
  ), taken (id, is_leaf) AS (
    SELECT named.id, named.is_leaf FROM named
    UNION
    SELECT b.id, b.is_leaf FROM named JOIN asset AS b ON b.park_id = park AND b.plot_id = named.root_id
    WHERE named.kind = 'land' AND NOT named.is_land_alone
      AND (named.id = named.root_id OR outlines_meet(named.geom, b.geom))
    UNION
    SELECT a.id, a.is_leaf FROM taken JOIN asset AS a ON a.park_id = park AND a.parent_id = taken.id
  )
  SELECT taken.id FROM taken WHERE taken.is_leaf ORDER BY taken.id
$$;
REVOKE ALL ON FUNCTION leaves_of_deal(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leaves_of_deal(uuid, uuid) TO panhuo_app;

-- Units of tenancies past their end of which nobody said whether the tenant left, stays or renewed; of a tenancy on
-- land, the buildings that its deal took with it, too. Roots NULL: every tree of the park.
CREATE FUNCTION units_to_verify(park uuid, roots uuid[], day date) RETURNS TABLE (id uuid) LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unsaid AS (
    SELECT t.outcome_id, a.id, a.root_id, a.kind FROM tenancy AS t JOIN asset AS a ON a.park_id = t.park_id
      AND a.id = t.asset_id
    WHERE t.park_id = park AND t.left_on IS NULL AND t.renewed_from IS NULL AND NOT t.is_corrected
      AND NOT upper_inf(t.during)
      AND upper(t.during) <= day
  ), below AS (
    SELECT unsaid.id FROM unsaid WHERE roots IS NULL OR unsaid.root_id = ANY (roots)
    UNION
    SELECT b.id FROM unsaid CROSS JOIN LATERAL leaves_of_deal(park, unsaid.outcome_id) AS l
      JOIN asset AS b ON b.park_id = park AND b.id = l.leaf_id
    WHERE unsaid.kind = 'land' AND b.root_id <> unsaid.root_id AND (roots IS NULL OR b.root_id = ANY (roots))
      AND EXISTS (SELECT FROM asset AS on_it WHERE on_it.park_id = park AND on_it.plot_id = unsaid.root_id
        AND (roots IS NULL OR on_it.id = ANY (roots)))
    UNION
    SELECT a.id FROM below JOIN asset AS a ON a.park_id = park AND a.parent_id = below.id
  )
  SELECT below.id FROM below
$$;
REVOKE ALL ON FUNCTION units_to_verify(uuid, uuid[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION units_to_verify(uuid, uuid[], date) TO panhuo_app;

-- What readers should see of the units of these trees on that day, from claims and listing; roots NULL: every tree of
-- the park.
CREATE FUNCTION derived_availability(park uuid, roots uuid[], day date)
  RETURNS TABLE (id uuid, root_id uuid, availability text)
LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  WITH RECURSIVE unit AS (
    SELECT a.id, a.root_id, a.parent_id, a.is_leaf, a.listing FROM asset AS a WHERE a.park_id = park
      AND (roots IS NULL OR a.root_id = ANY (roots))
  ), claimed AS (
    SELECT o.leaf_id, bool_or(o.source_kind IN ('tenancy', 'own_use')) AS is_used FROM occupancy AS o
    WHERE o.park_id = park AND o.leaf_id = ANY (ARRAY(SELECT unit.id FROM unit WHERE unit.is_leaf)) AND o.during @> day
      GROUP BY o.leaf_id
  ), under (whole_id, leaf_id) AS (
    SELECT unit.id, unit.id FROM unit WHERE unit.is_leaf
    UNION ALL
    SELECT unit.parent_id, under.leaf_id FROM under JOIN unit ON unit.id = under.whole_id
      WHERE unit.parent_id IS NOT NULL
  ), unsaid AS MATERIALIZED (SELECT v.id FROM units_to_verify(park, roots, day) AS v)
  SELECT unit.id, unit.root_id,
    CASE WHEN bool_or(claimed.is_used) THEN 'occupied' WHEN count(claimed.leaf_id) > 0 THEN 'reserved'
      WHEN count(unsaid.id) > 0 THEN 'to_verify'
      WHEN unit.listing = 'published' THEN 'available' ELSE unit.listing END
  FROM unit LEFT JOIN under ON under.whole_id = unit.id LEFT JOIN claimed ON claimed.leaf_id = under.leaf_id
    LEFT JOIN unsaid ON unsaid.id = under.leaf_id
  GROUP BY unit.id, unit.root_id, unit.listing
$$;
REVOKE ALL ON FUNCTION derived_availability(uuid, uuid[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION derived_availability(uuid, uuid[], date) TO panhuo_app;

-- What the staff of the caller's parks may write for a firm: the purposes of its mandates in force, all where one of
-- these parks registered it and it has no account yet, `parent` where one of them has a deal with it that is not off.
CREATE FUNCTION mandated(firm_id uuid) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = panhuo, public, pg_temp AS $$
  WITH caller AS (
    SELECT (string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[] AS parks
  )
  SELECT ARRAY(
    SELECT unnest(m.purposes) FROM mandate AS m, caller
    WHERE m.firm_id = $1 AND m.park_id = ANY (caller.parks) AND m.withdrawn_at IS NULL
      AND m.ends_on >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
    UNION
    SELECT unnest(ARRAY['firm', 'demands']) FROM firm AS f, caller
    WHERE f.id = $1 AND f.registering_park_id = ANY (caller.parks)
      AND NOT EXISTS (SELECT FROM account AS a WHERE a.firm_id = $1)
    UNION
    SELECT 'parent' FROM outcome AS o, caller
    WHERE (o.firm_id = $1 OR o.owner_firm_id = $1) AND o.park_id = ANY (caller.parks)
      AND o.stage NOT IN ('withdrawn', 'rejected', 'corrected')
  )
$$;
REVOKE ALL ON FUNCTION mandated(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mandated(uuid) TO panhuo_app;

-- Beside the policies of these tables, which let an act write the rows of its scope: staff change nothing in a firm's
-- name without its mandate, nor make a firm another park's, whatever statement they bring.
CREATE POLICY by_mandate ON firm AS RESTRICTIVE FOR UPDATE TO panhuo_app USING (  -- to lock it, any mandate will do
  (SELECT current_setting('app.role', true)) <> 'staff' OR cardinality(mandated(id)) > 0
) WITH CHECK ((SELECT current_setting('app.role', true)) <> 'staff' OR mandated(id) && ARRAY['firm', 'parent']);
CREATE POLICY by_its_park ON firm AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff'
  OR registering_park_id = ANY (
    (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]));
CREATE POLICY by_mandate_posted ON demand AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate_amended ON demand AS RESTRICTIVE FOR UPDATE TO panhuo_app USING (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate ON ranking AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate ON interest AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
