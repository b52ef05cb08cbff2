-- Those who read everything of their parks and write nothing: leaders and auditors. The past of a park.

SET search_path = panhuo, public;

ALTER TABLE account DROP CONSTRAINT account_role,
  ADD CONSTRAINT account_role CHECK (role IN ('firm', 'staff', 'leader', 'auditor', 'admin'));
COMMENT ON COLUMN account.role IS 'firm, staff, leader, auditor or admin [owner]';
COMMENT ON TABLE account_park IS 'The parks an account works for: staff write there, leaders and auditors read.';
COMMENT ON COLUMN account_park.account_id IS 'Whose; of staff, a leader or an auditor [owner]';

-- Leaders and auditors read what the park knows of firms and needs, but no person.
CREATE POLICY no_contacts ON contact AS RESTRICTIVE TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) NOT IN ('leader', 'auditor'));
CREATE OR REPLACE VIEW firm_officer_visible AS
  SELECT o.park_id, o.firm_id, row_to_json(d)::text AS document
  FROM firm_officer AS o JOIN contact AS c ON c.park_id = o.park_id AND c.id = o.contact_id
  CROSS JOIN LATERAL (SELECT o.park_id, o.firm_id, o.contact_id, c.name, c.phone, o.recorded_at) AS d
  WHERE (o.park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
      OR o.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid)
    AND (SELECT current_setting('app.role', true)) NOT IN ('leader', 'auditor');
CREATE OR REPLACE VIEW firm_visible AS
  SELECT id, credit_code, name, industry_code, illustrative, revision, firm_document(firm) AS document, search,
    spelling, parent_credit_code
  FROM firm
  WHERE (SELECT current_setting('app.role', true)) IN ('firm', 'staff', 'leader', 'auditor', 'admin', 'system');

CREATE OR REPLACE FUNCTION make_demand_readers() RETURNS void LANGUAGE plpgsql
SET search_path = panhuo, public, pg_temp AS $make$
DECLARE
  reads_all text := '((SELECT current_setting(''app.role'', true)) '
    'IN (''staff'', ''leader'', ''auditor'', ''admin'', ''system'') '
    'OR a.firm_id = (SELECT nullif(current_setting(''app.firm_id'', true), ''''))::uuid)';
BEGIN
  EXECUTE format($text$CREATE OR REPLACE FUNCTION demand_document(a demand) RETURNS text LANGUAGE sql STABLE
    SET search_path = panhuo, public, pg_temp AS $document$
      SELECT row_to_json(d)::text FROM (SELECT %s) AS d
    $document$$text$, members_of('demand', 'public staff'));
  EXECUTE format($text$CREATE OR REPLACE VIEW demand_visible AS
    SELECT a.id, a.version, a.title, a.kinds, a.product_codes, a.accepted_paths, a.illustrative, a.listing, a.revision,
      a.recorded_at, CASE WHEN %1$s THEN a.firm_id END AS firm_id,
      CASE WHEN %1$s THEN demand_document(a) ELSE (SELECT row_to_json(d)::text FROM (SELECT %2$s) AS d) END AS document
    FROM demand AS a
    WHERE a.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
      OR a.listing = 'published' AND (a.audience = 'public' OR (SELECT current_setting('app.role', true))
        IN ('staff', 'leader', 'auditor', 'admin', 'system'))$text$,
    reads_all, members_of('demand', 'public'));
END $make$;
SELECT make_demand_readers();

CREATE TABLE history.park (superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, id uuid, code text,
  name_zh text, name_en text, boundary geometry(MultiPolygon, 4326), leading_industries text[], negative_list text[],
  is_chemical_park boolean, illustrative text[], revision bigint, policies text[]);
CREATE INDEX ON history.park (id);
SELECT make_past('park');
ALTER TABLE history.park ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.park TO panhuo_app USING (
  id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT ON history.park, park_known TO panhuo_app;
