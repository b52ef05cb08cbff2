-- What the service looks things up in: industry codes, and versioned schemes (data that a rule reads, never code).

SET search_path = panhuo, public;

CREATE TABLE industry (
  code text PRIMARY KEY CONSTRAINT industry_code_form CHECK (code ~ '^([A-T]|[0-9]{2,4})$'),
  level integer NOT NULL CONSTRAINT industry_level CHECK (level BETWEEN 1 AND 4),
  parent text CONSTRAINT industry_parent REFERENCES industry DEFERRABLE INITIALLY IMMEDIATE,
  name_zh text NOT NULL,
  search tsvector NOT NULL,
  spelling text NOT NULL,
  CONSTRAINT sections_have_no_parent CHECK ((level = 1) = (parent IS NULL))
);
CREATE INDEX industry_search ON industry USING gin (search);
CREATE INDEX industry_spelling ON industry USING gin (spelling gin_trgm_ops);
COMMENT ON TABLE industry IS 'GB/T 4754-2017, national economic industry classification.';
COMMENT ON COLUMN industry.code IS 'Section letter, or 2 to 4 digits with leading zeros [public]';
COMMENT ON COLUMN industry.level IS '1 section 门类, 2 division 大类, 3 group 中类, 4 class 小类 [public]';
COMMENT ON COLUMN industry.parent IS 'Code one level up [public]';
COMMENT ON COLUMN industry.name_zh IS 'Name in the standard [public]';
COMMENT ON COLUMN industry.search IS
  'Derived from name and code: each character with its readings and initials [public]';
COMMENT ON COLUMN industry.spelling IS 'Derived from the name: its pinyin, for slips of the pen [public]';
ALTER TABLE industry ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON industry TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON industry TO panhuo_app;

CREATE VIEW industry_visible AS SELECT code, level, parent, name_zh, search, spelling FROM industry;
GRANT SELECT ON industry_visible TO panhuo_app, panhuo_public;

CREATE TABLE scheme (
  kind text NOT NULL,
  version text NOT NULL,
  body jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (kind, version),
  CONSTRAINT scheme_kind CHECK (kind IN ('matching', 'chain', 'stated_figures', 'paths', 'lights', 'approvals',
    'value', 'draws', 'revival'))
);
CREATE TABLE history.scheme (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, kind text, version text, body jsonb
);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  kind, version, body
  OR DELETE ON scheme FOR EACH ROW EXECUTE FUNCTION keep_past(
  kind, version, body);
CREATE VIEW scheme_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, kind, version, body FROM scheme
  UNION ALL SELECT superseded_at, recorded_at, kind, version, body FROM history.scheme;
COMMENT ON TABLE scheme IS
  'Versioned data a rule reads: parameters of the ranking, the chain table, figures a source states, paths, lights, '
  'approvals.';
COMMENT ON COLUMN scheme.kind IS
  'matching, chain, stated_figures, paths, lights, approvals, value, draws or revival [public]';
COMMENT ON COLUMN scheme.version IS 'Version; a later one stands beside it, the latest recorded is in force [public]';
COMMENT ON COLUMN scheme.body IS 'The data, with its sources [public]';
COMMENT ON COLUMN scheme.recorded_at IS 'Known from; UTC [public]';
ALTER TABLE scheme ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON scheme TO panhuo_app USING ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
ALTER TABLE history.scheme ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON history.scheme TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON scheme TO panhuo_app;
GRANT SELECT ON history.scheme, scheme_known TO panhuo_app;

CREATE VIEW scheme_visible AS SELECT kind, version, body, recorded_at FROM scheme;
GRANT SELECT ON scheme_visible TO panhuo_app, panhuo_public;
