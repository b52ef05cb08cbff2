-- Who holds title and equity: a ledger that is added to and never changed, and what follows from it.

SET search_path = panhuo, public;

-- A title is a unit's, instrument `title`, or a firm's equity, instrument `equity`; an amount is a share of the whole.
CREATE TYPE ledger_line AS (title uuid, instrument text, party uuid, amount numeric);

CREATE TYPE party_share AS (party uuid, share numeric);

CREATE FUNCTION ledger_balanced(lines ledger_line[]) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = panhuo, pg_temp AS $$
  SELECT coalesce(
    (SELECT count(*) >= 2 AND bool_and(
       title IS NOT NULL AND party IS NOT NULL AND instrument IS NOT NULL AND instrument IN ('title', 'equity')
       AND amount IS NOT NULL AND amount <> 0 AND amount NOT IN ('NaN', 'Infinity', '-Infinity'))
     FROM unnest(lines))
    AND NOT EXISTS (SELECT FROM unnest(lines) GROUP BY title, instrument HAVING sum(amount) IS DISTINCT FROM 0), false)
$$;
REVOKE ALL ON FUNCTION ledger_balanced(ledger_line[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_balanced(ledger_line[]) TO panhuo_app;

CREATE FUNCTION shares_sum_to_one(shares party_share[]) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = panhuo, pg_temp AS $$
  SELECT coalesce((SELECT sum(share) = 1 AND bool_and(party IS NOT NULL AND share IS NOT NULL AND share > 0)
    AND count(DISTINCT party) = count(*)
    FROM unnest(shares)), false)
$$;
REVOKE ALL ON FUNCTION shares_sum_to_one(party_share[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shares_sum_to_one(party_share[]) TO panhuo_app;

CREATE TABLE ledger_transaction (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  outcome_id uuid NOT NULL,
  effective_on date NOT NULL,
  effective_on_precision text NOT NULL
    CONSTRAINT ledger_precision_known CHECK (effective_on_precision IN ('day', 'month', 'year')),
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
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ledger_transaction
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_transaction ENABLE ALWAYS TRIGGER refuse_change, ENABLE ALWAYS TRIGGER refuse_truncate;
COMMENT ON TABLE ledger_transaction IS
  'Title and equity passing between parties. Never changed; a correction is a reversal.';
COMMENT ON COLUMN ledger_transaction.park_id IS 'The park [staff]';
COMMENT ON COLUMN ledger_transaction.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN ledger_transaction.outcome_id IS 'The deal behind it [staff]';
COMMENT ON COLUMN ledger_transaction.effective_on IS 'Day it took effect, Asia/Shanghai [staff]';
COMMENT ON COLUMN ledger_transaction.effective_on_precision IS 'How exactly that day is known [staff]';
COMMENT ON COLUMN ledger_transaction.lines IS
  'Who gave (−) and got (+) which share of which title; sums to zero per title and instrument [staff]';
COMMENT ON COLUMN ledger_transaction.reverses IS 'The transaction this one takes back; NULL: none [staff]';
COMMENT ON COLUMN ledger_transaction.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE ledger_transaction ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger_transaction TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON ledger_transaction TO panhuo_app;

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
COMMENT ON TABLE holding IS
  'Who holds a title now, one row a title, kept equal to the ledger; locked before every transfer.';
COMMENT ON COLUMN holding.park_id IS 'The park [staff]';
COMMENT ON COLUMN holding.title IS 'The unit whose title, or the firm whose equity [staff]';
COMMENT ON COLUMN holding.asset_id IS 'The unit; NULL: equity [staff]';
COMMENT ON COLUMN holding.firm_id IS 'The firm; NULL: title of a unit [staff]';
COMMENT ON COLUMN holding.shares IS 'Holders and their shares, together 1 [staff]';
COMMENT ON COLUMN holding.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE holding ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON holding TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON holding TO panhuo_app;
