-- What parks read of firms (industry, place, size) changes in acts of the firms' own scopes, which rankings do not follow: it is counted here.

SET LOCAL search_path = panhuo, public;

CREATE TABLE firm_fact (
  id uuid PRIMARY KEY CONSTRAINT one_count CHECK (id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  rev bigint NOT NULL
);
COMMENT ON TABLE firm_fact IS 'One row: how often the industry, place or size of firms has changed.';
COMMENT ON COLUMN firm_fact.id IS 'Stands among the scopes a ranking has seen [owner]';
COMMENT ON COLUMN firm_fact.rev IS 'Raised by the act that changes such a fact, in commit order [owner]';
INSERT INTO firm_fact (id, rev) VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 1);
ALTER TABLE firm_fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON firm_fact TO panhuo_app USING (
  nullif((SELECT current_setting('app.role', true)), '') IN ('system', 'firm', 'staff', 'admin'));
GRANT SELECT, UPDATE ON firm_fact TO panhuo_app;
