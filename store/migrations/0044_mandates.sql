-- Who may write for a firm: itself, an admin, staff of a park it gave a mandate; until its first account, the park that
-- registered it. And whom a deal's approvals are handed to: staff of its park alone.

SET LOCAL search_path = panhuo, public;

ALTER TABLE firm
  ADD COLUMN registering_park_id uuid CONSTRAINT firm_registering_park REFERENCES park,
  ADD COLUMN parent_credit_code_source text
    CONSTRAINT parent_source_length CHECK (length(parent_credit_code_source) BETWEEN 1 AND 1000);
COMMENT ON COLUMN firm.registering_park_id IS
  'The park whose staff registered it; they keep it until its first account; NULL: an admin, or not known [staff]';
COMMENT ON COLUMN firm.parent_credit_code_source IS 'Where parent_credit_code comes from [staff]';

-- Firms of before: the park of whoever registered them, where that account is staff of one park alone.
UPDATE firm SET registering_park_id = r.park_id
FROM (
  SELECT e.subject_id, (array_agg(p.park_id))[1] AS park_id
  FROM event AS e JOIN account AS a ON a.id = e.actor_id AND a.role = 'staff'
    JOIN account_park AS p ON p.account_id = a.id JOIN park ON park.id = p.park_id
  WHERE e.act = 'firm.added' GROUP BY e.subject_id HAVING count(*) = 1
) AS r
WHERE r.subject_id = firm.id;

CREATE OR REPLACE FUNCTION firm_document(f firm) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT
    f.id, f.credit_code, f.parent_credit_code, f.parent_credit_code_source, f.name, f.industry_code, f.is_above_scale,
    f.lon, f.lat, f.registering_park_id, f.illustrative, f.revision, f.recorded_at
  ) AS d
$$;

-- Source: Civil Code art. 165, a mandate says to whom it is given, for what and until when.
CREATE TABLE mandate (
  firm_id uuid NOT NULL CONSTRAINT mandate_firm REFERENCES firm,
  id uuid NOT NULL,
  park_id uuid NOT NULL CONSTRAINT mandate_park REFERENCES park,
  purposes text[] NOT NULL
    CONSTRAINT mandate_purposes_known CHECK (cardinality(purposes) > 0 AND purposes <@ ARRAY['firm', 'demands']),
  ends_on date NOT NULL,
  source text CONSTRAINT mandate_source_length CHECK (length(source) BETWEEN 1 AND 1000),
  withdrawn_at timestamptz,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (firm_id, id)
);
CREATE INDEX mandate_of_park ON mandate (park_id, id);
CREATE INDEX mandate_id ON mandate (id);
COMMENT ON TABLE mandate IS 'What a firm lets the staff of a park write in its name (授权).';
COMMENT ON COLUMN mandate.firm_id IS 'The firm that gave it [owner]';
COMMENT ON COLUMN mandate.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN mandate.park_id IS 'The park to whose staff it is given [staff]';
COMMENT ON COLUMN mandate.purposes IS
  'firm: the data of the firm; demands: its demands, their rankings and interests [staff]';
COMMENT ON COLUMN mandate.ends_on IS 'Last day it holds, Asia/Shanghai [staff]';
COMMENT ON COLUMN mandate.source IS 'The paper it was given on; NULL: given here by the firm [staff]';
COMMENT ON COLUMN mandate.withdrawn_at IS 'When the firm took it back; UTC; NULL: not taken back [staff]';
COMMENT ON COLUMN mandate.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE mandate ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON mandate FOR SELECT TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
-- Staff read what was given to them and give themselves nothing, whatever scope their act writes.
CREATE POLICY givers ON mandate TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
    AND (SELECT current_setting('app.role', true)) = 'admin');
GRANT SELECT, INSERT, UPDATE ON mandate TO panhuo_app;

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
CREATE INDEX account_of_firm ON account (firm_id) WHERE firm_id IS NOT NULL;

-- An account of another park was accepted, and so its id told apart from one that is nobody's. What was recorded stays.
ALTER TABLE approval DROP CONSTRAINT approval_agent;
ALTER TABLE approval ADD CONSTRAINT approval_agent FOREIGN KEY (agent_id, park_id)
  REFERENCES account_park (account_id, park_id) ON DELETE SET NULL (agent_id) NOT VALID;
COMMENT ON COLUMN approval.agent_id IS
  'Account of the park''s staff that handles it for the firm; NULL: nobody yet [staff]';
