-- Units that staff of a park pin for a need, or set aside: beside the computed order, never in it.

SET LOCAL search_path = panhuo, public;

CREATE TABLE pin (
  park_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  firm_id uuid NOT NULL,
  placement text NOT NULL CONSTRAINT placement_known CHECK (placement IN ('pinned', 'set_aside')),
  reason text NOT NULL CONSTRAINT pin_reason_length CHECK (length(reason) BETWEEN 1 AND 1000),
  note text CONSTRAINT pin_note_length CHECK (length(note) BETWEEN 1 AND 4000),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT pinned_once PRIMARY KEY (park_id, demand_id, asset_id),
  CONSTRAINT pin_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT pin_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id)
);
CREATE INDEX pin_of_demand ON pin (demand_id);
CREATE TABLE history.pin (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, demand_id uuid, asset_id uuid, firm_id uuid, placement text,
  reason text, note text
);
CREATE INDEX ON history.pin (park_id, demand_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF park_id, demand_id, asset_id, firm_id, placement, reason, note OR DELETE ON pin
  FOR EACH ROW EXECUTE FUNCTION keep_past(park_id, demand_id, asset_id, firm_id, placement, reason, note);
CREATE VIEW pin_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at, park_id, demand_id, asset_id, firm_id, placement, reason, note FROM pin
  UNION ALL SELECT superseded_at, recorded_at, park_id, demand_id, asset_id, firm_id, placement, reason, note FROM history.pin;
COMMENT ON TABLE pin IS 'What staff of a park put first, or aside, among their units for one need.';
COMMENT ON COLUMN pin.park_id IS 'The park of the unit [owner]';
COMMENT ON COLUMN pin.demand_id IS 'The need [owner]';
COMMENT ON COLUMN pin.asset_id IS 'The unit [owner]';
COMMENT ON COLUMN pin.firm_id IS 'The firm whose need it is [owner]';
COMMENT ON COLUMN pin.placement IS 'pinned: staff recommend it; set_aside: staff advise against it [owner]';
COMMENT ON COLUMN pin.reason IS 'Why, as the firm reads it [owner]';
COMMENT ON COLUMN pin.note IS 'What the park alone reads of it [staff]';
COMMENT ON COLUMN pin.recorded_at IS 'Known from; UTC [owner]';

-- For the firm what was said to it; the note for staff of the park.
CREATE VIEW pin_visible AS
  SELECT park_id, demand_id, asset_id, firm_id, placement, reason, recorded_at,
    CASE WHEN park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
      OR (SELECT current_setting('app.role', true)) IN ('admin', 'system') THEN note END AS note
  FROM pin
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
    OR (SELECT current_setting('app.role', true)) IN ('admin', 'system');

ALTER TABLE pin ENABLE ROW LEVEL SECURITY;
ALTER TABLE history.pin ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pin TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY tenant ON history.pin TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON pin TO panhuo_app;
GRANT SELECT ON history.pin, pin_known, pin_visible TO panhuo_app;
