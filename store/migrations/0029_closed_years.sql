-- Closing a year: from then on a report of that year changes only by a correction with a reason.

SET LOCAL search_path = panhuo, public;

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
INSERT INTO reporting_year (park_id, year) SELECT DISTINCT park_id, year FROM report;

-- Closing a year writes its instant into every report of it (ON UPDATE CASCADE; no fact, so nothing goes to the twin). What is recorded later has a later
-- recorded_at and needs its reason; what would slip in as if the year were open meets the foreign key.
ALTER TABLE report
  ADD COLUMN closed_at timestamptz NOT NULL DEFAULT 'infinity',
  ADD CONSTRAINT report_of_its_year FOREIGN KEY (park_id, year, closed_at) REFERENCES reporting_year (park_id, year, closed_at) ON UPDATE CASCADE,
  ADD CONSTRAINT closed_years_change_by_correction CHECK (recorded_at <= closed_at OR reason IS NOT NULL);
COMMENT ON COLUMN report.closed_at IS 'When its year was closed, UTC; infinity: open; follows reporting_year [staff]';
CREATE INDEX report_year ON report (park_id, year);

ALTER TABLE reporting_year ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reporting_year TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON reporting_year TO panhuo_app;
