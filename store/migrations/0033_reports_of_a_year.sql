-- A year's reports of the whole year apart from those of quarters, from EXPLAIN over 100,000 revivals with 1,000,000 reports (bench/outcomes.py).

SET LOCAL search_path = panhuo, public;

-- A promise has one report of a whole year, read as it stands; those of quarters are met in the order in which they are summed. Neither reads the table.
-- Closing a year writes every report of it, beside which finding them costs nothing.
DROP INDEX report_year;
CREATE INDEX report_whole_year ON report (year, park_id, indicator_id) INCLUDE (value, recorded_at) WHERE quarter IS NULL;
CREATE INDEX report_quarter ON report (year, park_id, indicator_id) INCLUDE (quarter, value, unit, recorded_at) WHERE quarter IS NOT NULL;
-- What was known of a total, as of an instant: all its reports.
CREATE INDEX report_past_indicator ON history.report (park_id, indicator_id, year);
