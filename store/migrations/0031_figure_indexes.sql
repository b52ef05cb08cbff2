-- Indexes and checks that figures of a year rest on, from EXPLAIN over 100,000 revivals with 1,000,000 reports (bench/outcomes.py).

SET LOCAL search_path = panhuo, public;

-- A year's reports are met in the order in which they are summed, without their table; the year also serves its closing.
DROP INDEX report_year;
CREATE INDEX report_year ON report (year, park_id, indicator_id) INCLUDE (quarter, value, unit, recorded_at);
CREATE INDEX report_past_year ON history.report (year, park_id, indicator_id);
CREATE INDEX outcome_asset_counted ON outcome_asset (park_id, outcome_id)
  INCLUDE (asset_id, kind, stated_area, stated_area_unit, is_illustrative, recorded_at);
CREATE INDEX indicator_total ON indicator (due_on) WHERE per = 'total';
CREATE INDEX outcome_given_up ON outcome (park_id, id) WHERE stage IN ('withdrawn', 'rejected', 'corrected');

-- The past is never current: a figure of today skips these twins, too.
ALTER TABLE history.report ADD CONSTRAINT past_report_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.indicator ADD CONSTRAINT past_indicator_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.milestone ADD CONSTRAINT past_milestone_ended CHECK (superseded_at < 'infinity');
ALTER TABLE history.service_request ADD CONSTRAINT past_request_ended CHECK (superseded_at < 'infinity');
