-- Equity swaps (厂房入股): what they agree, when each stage was reached, and the ledger of title and equity.

SET LOCAL search_path = panhuo, public;

-- A deal by which title passes has a giver too, and no days of a tenancy.
ALTER TABLE outcome
  ADD COLUMN owner_firm_id uuid CONSTRAINT outcome_owner REFERENCES firm,
  ADD COLUMN output_yuan_year numeric(18, 2) CONSTRAINT promised_output_range CHECK (output_yuan_year >= 0),
  ALTER COLUMN intended DROP NOT NULL,
  DROP CONSTRAINT outcome_path,
  DROP CONSTRAINT outcome_stage,
  DROP CONSTRAINT revived_once_handed_over,
  ADD CONSTRAINT outcome_path CHECK (path IN ('lease', 'equity_swap')),
  ADD CONSTRAINT outcome_stage CHECK (CASE path
    WHEN 'lease' THEN stage IN ('opened', 'reserved', 'signed', 'handed_over', 'ended', 'withdrawn', 'corrected')
    WHEN 'equity_swap' THEN stage IN ('proposed', 'due_diligence', 'valuation', 'resolved', 'contracted', 'tax_cleared', 'title_registered',
      'equity_registered', 'supervision_agreement_signed', 'handed_over', 'retrofit', 'trial_production', 'full_production', 'ended',
      'withdrawn', 'rejected', 'corrected') END),
  ADD CONSTRAINT revived_once_use_or_title_passed CHECK ((revived_on IS NOT NULL) = CASE path
    WHEN 'lease' THEN stage IN ('handed_over', 'ended')
    WHEN 'equity_swap' THEN stage IN ('title_registered', 'equity_registered', 'supervision_agreement_signed', 'handed_over', 'retrofit',
      'trial_production', 'full_production', 'ended') END),
  ADD CONSTRAINT refusals_say_why CHECK (stage <> 'rejected' OR reason IS NOT NULL),
  ADD CONSTRAINT a_lease_has_its_days CHECK (path <> 'lease' OR intended IS NOT NULL),
  ADD CONSTRAINT a_swap_has_its_giver CHECK (path <> 'equity_swap' OR owner_firm_id IS NOT NULL),
  ADD CONSTRAINT giver_is_not_taker CHECK (owner_firm_id <> firm_id);
COMMENT ON COLUMN outcome.owner_firm_id IS 'The firm that gives the title; NULL: no title passes [staff]';
COMMENT ON COLUMN outcome.output_yuan_year IS 'Promised output, yuan a year: a promise, not a fact [staff]';
COMMENT ON COLUMN outcome.intended IS 'Intended days of use, half-open; NULL: no tenancy [staff]';
COMMENT ON COLUMN outcome.revived_on IS 'Day the revival counts on: first day of the tenancy, set at handover; day of title registration of a swap [staff]';
COMMENT ON COLUMN outcome.ended_on IS 'Last day of the tenancy, or of the new owner''s use [staff]';
CREATE INDEX outcome_owner ON outcome (owner_firm_id) WHERE owner_firm_id IS NOT NULL;
ALTER TABLE history.outcome ADD COLUMN owner_firm_id uuid, ADD COLUMN output_yuan_year numeric(18, 2);
DROP TRIGGER keep_past ON outcome;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year
  OR DELETE ON outcome FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
  ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year
  );
CREATE OR REPLACE VIEW outcome_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
    ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year
  FROM outcome
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, path, stage, firm_id, demand_id, ranking_id, opened_on, intended, reserved_until, signed_on, revived_on, revived_on_precision,
    ended_on, revenue_yuan_year, tax_yuan_year, source, reason, illustrative, owner_firm_id, output_yuan_year
  FROM history.outcome;

CREATE INDEX outcome_asset_asset ON outcome_asset (park_id, asset_id);

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
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, appraiser text, appraisal_method text,
  appraised_on date, appraised_yuan numeric(18, 2), appraisal_valid_until date, contribution_yuan numeric(18, 2), equity_share numeric(9, 8), certificate_no text
);
CREATE INDEX ON history.equity_swap (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until, contribution_yuan, equity_share, certificate_no
  OR DELETE ON equity_swap FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, appraiser, appraisal_method, appraised_on, appraised_yuan, appraisal_valid_until, contribution_yuan, equity_share, certificate_no
  );
COMMENT ON TABLE equity_swap IS 'What a contribution in kind agrees. Company Law (2023) art. 48: it is appraised; a figure nobody stated is NULL.';
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

CREATE TABLE milestone (
  park_id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  kind text NOT NULL,
  happened_on date,
  happened_on_precision text CONSTRAINT milestone_precision_known CHECK (happened_on_precision IN ('day', 'month', 'year')),
  evidence text NOT NULL CONSTRAINT evidence_known CHECK (evidence IN ('stated', 'not_stated')),
  amount_yuan numeric(18, 2) CONSTRAINT milestone_amount_range CHECK (amount_yuan >= 0),
  source text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, outcome_id, kind),
  CONSTRAINT outcome_of_milestone FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT a_day_unless_not_stated CHECK (happened_on IS NOT NULL OR evidence = 'not_stated'),
  CONSTRAINT milestone_day_has_a_precision CHECK ((happened_on IS NULL) = (happened_on_precision IS NULL))
);
CREATE TABLE history.milestone (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, outcome_id uuid, kind text, happened_on date,
  happened_on_precision text, evidence text, amount_yuan numeric(18, 2), source text
);
CREATE INDEX ON history.milestone (park_id, outcome_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source
  OR DELETE ON milestone FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, outcome_id, kind, happened_on, happened_on_precision, evidence, amount_yuan, source
  );
COMMENT ON TABLE milestone IS 'A stage a deal has really reached, one row a stage.';
COMMENT ON COLUMN milestone.park_id IS 'The park [staff]';
COMMENT ON COLUMN milestone.outcome_id IS 'The deal [staff]';
COMMENT ON COLUMN milestone.kind IS 'The stage [staff]';
COMMENT ON COLUMN milestone.happened_on IS 'Day it was reached, Asia/Shanghai; a month or year is its first day; NULL: not stated [staff]';
COMMENT ON COLUMN milestone.happened_on_precision IS 'How exactly that day is known [staff]';
COMMENT ON COLUMN milestone.evidence IS 'not_stated: told afterwards, and the source says nothing of it [staff]';
COMMENT ON COLUMN milestone.amount_yuan IS 'What was spent on it, yuan; NULL unknown [staff]';
COMMENT ON COLUMN milestone.source IS 'Where the fact comes from [staff]';
COMMENT ON COLUMN milestone.recorded_at IS 'Known from; UTC [staff]';

-- A title is a unit's, instrument `title`, or a firm's equity, instrument `equity`; an amount is a share of the whole.
CREATE TYPE ledger_line AS (title uuid, instrument text, party uuid, amount numeric);
CREATE TYPE party_share AS (party uuid, share numeric);
CREATE FUNCTION ledger_balanced(lines ledger_line[]) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = panhuo, pg_temp AS $$
  SELECT coalesce(
    (SELECT count(*) >= 2 AND bool_and(
       title IS NOT NULL AND party IS NOT NULL AND instrument IS NOT NULL AND instrument IN ('title', 'equity')
       AND amount IS NOT NULL AND amount <> 0 AND amount NOT IN ('NaN', 'Infinity', '-Infinity'))
     FROM unnest(lines))
    AND NOT EXISTS (SELECT FROM unnest(lines) GROUP BY title, instrument HAVING sum(amount) IS DISTINCT FROM 0), false)
$$;
CREATE FUNCTION shares_sum_to_one(shares party_share[]) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = panhuo, pg_temp AS $$
  SELECT coalesce((SELECT sum(share) = 1 AND bool_and(party IS NOT NULL AND share IS NOT NULL AND share > 0) AND count(DISTINCT party) = count(*)
    FROM unnest(shares)), false)
$$;
REVOKE ALL ON FUNCTION ledger_balanced(ledger_line[]), shares_sum_to_one(party_share[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_balanced(ledger_line[]), shares_sum_to_one(party_share[]) TO panhuo_app;
CREATE TABLE ledger_transaction (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  effective_on date NOT NULL,
  effective_on_precision text NOT NULL CONSTRAINT ledger_precision_known CHECK (effective_on_precision IN ('day', 'month', 'year')),
  lines ledger_line[] NOT NULL CONSTRAINT ledger_is_balanced CHECK (ledger_balanced(lines)),
  reverses uuid,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT outcome_of_transaction FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT reversed_transaction FOREIGN KEY (park_id, reverses) REFERENCES ledger_transaction (park_id, id),
  CONSTRAINT reversed_once UNIQUE (park_id, reverses),
  CONSTRAINT reverses_another CHECK (reverses <> id)
);
CREATE INDEX ledger_transaction_outcome ON ledger_transaction (park_id, outcome_id);
COMMENT ON TABLE ledger_transaction IS 'Title and equity passing between parties. Never changed; a correction is a reversal.';
COMMENT ON COLUMN ledger_transaction.park_id IS 'The park [staff]';
COMMENT ON COLUMN ledger_transaction.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN ledger_transaction.outcome_id IS 'The deal behind it [staff]';
COMMENT ON COLUMN ledger_transaction.effective_on IS 'Day it took effect, Asia/Shanghai [staff]';
COMMENT ON COLUMN ledger_transaction.effective_on_precision IS 'How exactly that day is known [staff]';
COMMENT ON COLUMN ledger_transaction.lines IS 'Who gave (−) and got (+) which share of which title; sums to zero per title and instrument [staff]';
COMMENT ON COLUMN ledger_transaction.reverses IS 'The transaction this one takes back; NULL: none [staff]';
COMMENT ON COLUMN ledger_transaction.recorded_at IS 'Known from; UTC [staff]';

CREATE TABLE holding (
  park_id uuid NOT NULL,
  title uuid NOT NULL GENERATED ALWAYS AS (coalesce(asset_id, firm_id)) STORED,
  asset_id uuid,
  firm_id uuid CONSTRAINT holding_firm REFERENCES firm,
  shares party_share[] NOT NULL CONSTRAINT holdings_are_whole CHECK (shares_sum_to_one(shares)),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, title),
  CONSTRAINT holding_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT a_title_or_equity CHECK (num_nonnulls(asset_id, firm_id) = 1)
);
COMMENT ON TABLE holding IS 'Who holds a title now, one row a title, kept equal to the ledger; locked before every transfer.';
COMMENT ON COLUMN holding.park_id IS 'The park [staff]';
COMMENT ON COLUMN holding.title IS 'The unit whose title, or the firm whose equity [staff]';
COMMENT ON COLUMN holding.asset_id IS 'The unit; NULL: equity [staff]';
COMMENT ON COLUMN holding.firm_id IS 'The firm; NULL: title of a unit [staff]';
COMMENT ON COLUMN holding.shares IS 'Holders and their shares, together 1 [staff]';
COMMENT ON COLUMN holding.recorded_at IS 'Known from; UTC [staff]';

-- The new owner's own use takes leaves as a tenancy does.
ALTER TABLE occupancy
  DROP CONSTRAINT claim_source_known,
  ADD CONSTRAINT claim_source_known CHECK (source_kind IN ('tenancy', 'reservation', 'deal', 'own_use'));
COMMENT ON COLUMN occupancy.source_kind IS 'tenancy, reservation, deal, or own_use: the owner is in there [staff]';
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
  )
  SELECT unit.id, unit.root_id,
    CASE WHEN bool_or(claimed.is_used) THEN 'occupied' WHEN count(claimed.leaf_id) > 0 THEN 'reserved'
      WHEN unit.listing = 'published' THEN 'available' ELSE unit.listing END
  FROM unit LEFT JOIN under ON under.whole_id = unit.id LEFT JOIN claimed ON claimed.leaf_id = under.leaf_id
  GROUP BY unit.id, unit.root_id, unit.listing
$$;

-- A deal as JSON text; days include both ends. Members that are not of its path are left out.
CREATE OR REPLACE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT CASE WHEN o.path = 'equity_swap' THEN left(row_to_json(d)::text, -1) || ',' || substr(row_to_json(s)::text, 2) ELSE row_to_json(d)::text END
  FROM (SELECT
    o.park_id, o.id, o.path, o.stage, o.firm_id, o.owner_firm_id, o.demand_id, o.ranking_id, o.opened_on,
    lower(o.intended) AS starts_on, upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.output_yuan_year) AS output_yuan_year,
    trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative, o.revision, o.recorded_at,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind, 'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit,
       'is_illustrative', a.is_illustrative) ORDER BY a.asset_id) FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets
  ) AS d, LATERAL (SELECT
    e.appraiser, e.appraisal_method, e.appraised_on, trim_scale(e.appraised_yuan) AS appraised_yuan, e.appraisal_valid_until,
    trim_scale(e.contribution_yuan) AS contribution_yuan, trim_scale(e.equity_share) AS equity_share, e.certificate_no,
    (SELECT json_agg(json_build_object('stage', m.kind, 'happened_on', m.happened_on, 'precision', m.happened_on_precision, 'evidence', m.evidence,
       'amount_yuan', trim_scale(m.amount_yuan), 'source', m.source, 'recorded_at', m.recorded_at) ORDER BY m.recorded_at)
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id) AS milestones
    FROM (SELECT) AS one LEFT JOIN equity_swap AS e ON e.park_id = o.park_id AND e.outcome_id = o.id
  ) AS s
$$;
CREATE OR REPLACE VIEW outcome_visible AS
  SELECT park_id, id, path, stage, firm_id, opened_on, revived_on, revision, outcome_document(outcome) AS document FROM outcome
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid IN (firm_id, owner_firm_id);

ALTER POLICY tenant ON outcome USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR owner_firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER POLICY tenant ON history.outcome USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR owner_firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE equity_swap ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.equity_swap ENABLE ROW LEVEL SECURITY;
ALTER TABLE milestone ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.milestone ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_transaction ENABLE ROW LEVEL SECURITY;
ALTER TABLE holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON equity_swap TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.equity_swap TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON milestone TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.milestone TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON ledger_transaction TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON holding TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON equity_swap, milestone, holding TO panhuo_app;
GRANT SELECT, INSERT ON ledger_transaction TO panhuo_app;
GRANT SELECT ON history.equity_swap, history.milestone TO panhuo_app;
