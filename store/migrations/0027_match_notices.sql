-- Firms are told when a newly published unit would stand among the first ten for a published need of theirs.

SET LOCAL search_path = panhuo, public;

CREATE TABLE match_notice (
  firm_id uuid NOT NULL,
  demand_id uuid NOT NULL,
  demand_version integer NOT NULL,
  park_id uuid NOT NULL,
  asset_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT notice_kind CHECK (kind IN ('land', 'factory')),
  place integer NOT NULL CONSTRAINT notice_place_from_one CHECK (place >= 1),
  status text NOT NULL CONSTRAINT notice_status_known CHECK (status IN ('fit', 'fit_after_works', 'to_confirm')),
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  CONSTRAINT noticed_once PRIMARY KEY (firm_id, demand_id, demand_version, asset_id),
  CONSTRAINT notice_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT notice_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id)
);
COMMENT ON TABLE match_notice IS 'What a firm was told of, once for a unit and a version of its need.';
COMMENT ON COLUMN match_notice.firm_id IS 'The firm [owner]';
COMMENT ON COLUMN match_notice.demand_id IS 'Its need [owner]';
COMMENT ON COLUMN match_notice.demand_version IS 'The version ranked [owner]';
COMMENT ON COLUMN match_notice.park_id IS 'The park of the unit [owner]';
COMMENT ON COLUMN match_notice.asset_id IS 'The unit [owner]';
COMMENT ON COLUMN match_notice.kind IS 'The list it stands in: land or factory [owner]';
COMMENT ON COLUMN match_notice.place IS 'Its place among the units shown, from 1 [owner]';
COMMENT ON COLUMN match_notice.status IS 'Its status for the need [owner]';
COMMENT ON COLUMN match_notice.recorded_at IS 'When the firm was told; UTC [owner]';

CREATE TABLE notice_cursor (
  park_id uuid NOT NULL PRIMARY KEY CONSTRAINT notice_cursor_park REFERENCES head,
  rev bigint NOT NULL,
  upto bigint CONSTRAINT upto_lies_ahead CHECK (upto >= rev)
);
COMMENT ON TABLE notice_cursor IS 'Up to where each park''s publications have been looked at for new matches.';
COMMENT ON COLUMN notice_cursor.park_id IS 'The park [owner]';
COMMENT ON COLUMN notice_cursor.rev IS 'rev up to which firms have been told [owner]';
COMMENT ON COLUMN notice_cursor.upto IS 'rev up to which the round under way looks; NULL: none is [owner]';

CREATE TABLE notice_round (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT one_round_row CHECK (only_row),
  round bigint NOT NULL DEFAULT 0,
  is_running boolean NOT NULL DEFAULT false,
  demand_id uuid
);
INSERT INTO notice_round DEFAULT VALUES;
COMMENT ON TABLE notice_round IS 'The round of notices under way; one row.';
COMMENT ON COLUMN notice_round.only_row IS 'Makes a second row impossible [owner]';
COMMENT ON COLUMN notice_round.round IS 'Counts rounds: a worker that fell behind moves nothing [owner]';
COMMENT ON COLUMN notice_round.is_running IS 'Whether a round is under way [owner]';
COMMENT ON COLUMN notice_round.demand_id IS 'The need it has come to, by id; NULL: before the first [owner]';

ALTER TABLE match_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_cursor ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_round ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON match_notice TO panhuo_app USING (
  firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR firm_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY service ON notice_cursor TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY service ON notice_round TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON match_notice TO panhuo_app;
GRANT SELECT, INSERT, UPDATE ON notice_cursor TO panhuo_app;
GRANT SELECT, UPDATE ON notice_round TO panhuo_app;
