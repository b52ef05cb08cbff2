-- When a unit last changed is read by the catalogue alone, never shown.

SET LOCAL search_path = panhuo, public;

COMMENT ON COLUMN asset.changed_at IS 'Instant of the act that last changed it, UTC, the same as of its events; set wherever revision is raised [owner]';
