-- What firms do with the space they were shown; only ever added to.

SET LOCAL search_path = panhuo, public;

CREATE TABLE interest (
  park_id uuid NOT NULL,
  id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  ranking_id uuid NOT NULL,
  was_shown boolean NOT NULL,
  act text NOT NULL CONSTRAINT interest_act_known CHECK (act IN ('viewed', 'shortlisted', 'visited', 'refused', 'withdrawn')),
  happened_on date NOT NULL,
  refused_for text CONSTRAINT refused_for_form CHECK (refused_for ~ '^(H[0-9]{1,2}|[a-z_]{2,32})$'),
  note text CONSTRAINT interest_note_length CHECK (length(note) BETWEEN 1 AND 1000),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT interest_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT interest_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT interest_ranking FOREIGN KEY (firm_id, ranking_id) REFERENCES ranking (firm_id, id),
  CONSTRAINT refusals_say_what_for CHECK ((act = 'refused') = (refused_for IS NOT NULL))
);
CREATE INDEX interest_of_demand ON interest (firm_id, demand_id, id);
CREATE INDEX outcome_of_demand ON outcome (firm_id, demand_id);
CREATE INDEX interest_refused ON interest (happened_on) WHERE act = 'refused';
COMMENT ON TABLE interest IS 'What a firm did with a unit it was shown, or asked about.';
COMMENT ON COLUMN interest.park_id IS 'The park of the unit [staff]';
COMMENT ON COLUMN interest.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN interest.asset_id IS 'The unit [staff]';
COMMENT ON COLUMN interest.firm_id IS 'The firm [staff]';
COMMENT ON COLUMN interest.demand_id IS 'Its need [staff]';
COMMENT ON COLUMN interest.ranking_id IS 'The ranking it looked at [staff]';
COMMENT ON COLUMN interest.was_shown IS 'Whether that ranking showed the unit; false: the firm asked about it [staff]';
COMMENT ON COLUMN interest.act IS 'viewed, shortlisted, visited, refused or withdrawn [staff]';
COMMENT ON COLUMN interest.happened_on IS 'Day it happened, Asia/Shanghai [staff]';
COMMENT ON COLUMN interest.refused_for IS 'Rule or criterion of the ranking it was refused for, or other; NULL: not a refusal [staff]';
COMMENT ON COLUMN interest.note IS 'In the words of whoever recorded it [staff]';
COMMENT ON COLUMN interest.recorded_at IS 'Known from; UTC [staff]';

ALTER TABLE interest ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON interest TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON interest TO panhuo_app;
