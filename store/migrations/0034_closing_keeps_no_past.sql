-- Closing a year writes its instant into every report of it, by a cascade that names the year and the park too: no fact of a report changes, so nothing of it
-- goes to the twin, and it stays known since when it was told.

SET LOCAL search_path = panhuo, public;

DROP TRIGGER keep_past ON report;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  ON report FOR EACH ROW WHEN (OLD.closed_at = NEW.closed_at) EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  );
CREATE TRIGGER keep_deleted BEFORE DELETE ON report FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative
  );
