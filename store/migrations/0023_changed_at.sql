-- When each unit last changed in what the ranking reads: the instant of the act, which its events carry too, so that a worker
-- that knows the events it has not seen finds the units they touched.

SET LOCAL search_path = panhuo, public;

ALTER TABLE asset ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE asset ALTER COLUMN changed_at SET DEFAULT act_at();
COMMENT ON COLUMN asset.changed_at IS 'Instant of the act that last changed it, UTC, the same as of its events; set wherever revision is raised [staff]';
CREATE INDEX asset_changed ON asset (park_id, changed_at);
