-- Acts on many units at once, which can be undone, and files of units on their way into the register.

SET search_path = panhuo, public;

CREATE TABLE batch (
  park_id uuid NOT NULL CONSTRAINT batch_park REFERENCES park,
  id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT batch_kind CHECK (kind IN ('import', 'change', 'undo')),
  account_id uuid NOT NULL,
  file_name text CONSTRAINT batch_file_name_length CHECK (length(file_name) BETWEEN 1 AND 200),
  file_sha256 text CONSTRAINT batch_file_sha256_form CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
  registered integer NOT NULL DEFAULT 0,
  amended integer NOT NULL DEFAULT 0,
  published integer NOT NULL DEFAULT 0,
  withdrawn integer NOT NULL DEFAULT 0,
  voided integer NOT NULL DEFAULT 0,
  undoes uuid,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT batch_undone_once UNIQUE (park_id, undoes),
  CONSTRAINT undone_batch FOREIGN KEY (park_id, undoes) REFERENCES batch (park_id, id),
  CONSTRAINT undo_names_its_batch CHECK ((kind = 'undo') = (undoes IS NOT NULL)),
  CONSTRAINT import_names_its_file
    CHECK (num_nulls(file_name, file_sha256) = CASE kind WHEN 'import' THEN 0 ELSE 2 END),
  CONSTRAINT batch_counts CHECK (least(registered, amended, published, withdrawn, voided) >= 0
    AND registered + amended + published + withdrawn + voided > 0)
);
CREATE INDEX batch_id ON batch (id);
COMMENT ON TABLE batch IS
  'An act on many units of a park: its event and those of its units, of one rev; undone at most once.';
COMMENT ON COLUMN batch.park_id IS 'The park [staff]';
COMMENT ON COLUMN batch.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN batch.kind IS 'import: of a file; change: of a request; undo: of what another batch did [staff]';
COMMENT ON COLUMN batch.account_id IS 'Account that acted [staff]';
COMMENT ON COLUMN batch.file_name IS 'Name of the file; NULL: not from one [staff]';
COMMENT ON COLUMN batch.file_sha256 IS 'SHA-256 of the file, hex; NULL: not from one [staff]';
COMMENT ON COLUMN batch.registered IS 'Units registered [staff]';
COMMENT ON COLUMN batch.amended IS 'Units whose facts changed [staff]';
COMMENT ON COLUMN batch.published IS 'Units published [staff]';
COMMENT ON COLUMN batch.withdrawn IS 'Units withdrawn [staff]';
COMMENT ON COLUMN batch.voided IS 'Units that never were, as their registration was undone [staff]';
COMMENT ON COLUMN batch.undoes IS 'The batch it undoes; NULL: none [staff]';
COMMENT ON COLUMN batch.recorded_at IS 'Instant of the act; UTC [staff]';
ALTER TABLE batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON batch TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON batch TO panhuo_app;

-- A past version says at which revision its facts ended, so that a reader's revision finds the facts they saw. A
-- revision alone, which derived facts raise too, is no version.
ALTER TABLE history.asset ADD COLUMN revision bigint;
COMMENT ON COLUMN history.asset.revision IS 'The last revision with these facts; NULL: from before it was kept';
CREATE OR REPLACE FUNCTION make_past(relation text) RETURNS void LANGUAGE plpgsql
SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  kept text;
  watched text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
    string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attname <> 'revision')
  INTO kept, watched FROM pg_attribute
    WHERE attrelid = format('history.%I', relation)::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('superseded_at', 'recorded_at');
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_past BEFORE UPDATE OF %2$s OR DELETE ON %1$I FOR EACH ROW '
    'EXECUTE FUNCTION keep_past(%3$s)', relation, watched, kept);
  EXECUTE format('CREATE OR REPLACE VIEW %1$I WITH (security_invoker = true) AS '
    'SELECT ''infinity''::timestamptz AS superseded_at, recorded_at, %3$s FROM %2$I '
    'UNION ALL SELECT superseded_at, recorded_at, %3$s FROM history.%2$I', relation || '_known', relation, kept);
END $$;
SELECT make_past('asset');

CREATE TABLE import (
  park_id uuid NOT NULL CONSTRAINT import_park REFERENCES park,
  id uuid NOT NULL,
  account_id uuid NOT NULL CONSTRAINT import_account REFERENCES account,
  file_name text NOT NULL CONSTRAINT import_file_name_length CHECK (length(file_name) BETWEEN 1 AND 200),
  file_sha256 text NOT NULL CONSTRAINT import_file_sha256_form CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
  file_bytes bigint NOT NULL CONSTRAINT import_file_bytes_positive CHECK (file_bytes > 0),
  options jsonb NOT NULL CONSTRAINT import_options_whole
    CHECK (options ?& ARRAY['mapping', 'sheets', 'encoding', 'crs', 'layer']),
  decisions jsonb CONSTRAINT import_decisions_object CHECK (jsonb_typeof(decisions) = 'object'),
  state text NOT NULL DEFAULT 'queued'
    CONSTRAINT import_state CHECK (state IN ('queued', 'running', 'ready', 'saved', 'failed', 'cancelled')),
  stage text CONSTRAINT import_stage CHECK (stage IN ('reading', 'comparing', 'checking', 'writing')),
  done integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  result jsonb CONSTRAINT import_result_whole
    CHECK (result ?& ARRAY['rows', 'counts', 'issues', 'tables', 'notes', 'missing']),
  faults jsonb NOT NULL DEFAULT '[]' CONSTRAINT import_faults_list
    CHECK (jsonb_typeof(faults) = 'array' AND NOT jsonb_path_exists(faults, '$[*] ? (!exists(@.code))')),
  batch_id uuid,
  attempts integer NOT NULL DEFAULT 0,
  seen_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT import_batch FOREIGN KEY (park_id, batch_id) REFERENCES batch (park_id, id),
  CONSTRAINT saved_has_its_result CHECK (state NOT IN ('ready', 'saved') OR result IS NOT NULL)
);
CREATE INDEX import_id ON import (id);
CREATE INDEX import_due ON import (id) WHERE state IN ('queued', 'running');
COMMENT ON TABLE import IS 'A file of units on its way into the register: tried first, saved by the word of a person.';
COMMENT ON COLUMN import.park_id IS 'The park [staff]';
COMMENT ON COLUMN import.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN import.account_id IS 'Account that sent it [staff]';
COMMENT ON COLUMN import.file_name IS 'Name of the file [staff]';
COMMENT ON COLUMN import.file_sha256 IS 'SHA-256 of the file, hex, under which its bytes are kept [staff]';
COMMENT ON COLUMN import.file_bytes IS 'Size of the file, bytes [staff]';
COMMENT ON COLUMN import.options IS
  'How it is read: mapping of columns, sheets, encoding, reference system, layer [staff]';
COMMENT ON COLUMN import.decisions IS
  'What is saved of it: rows left out, whose value counts in conflicts, units withdrawn; NULL: only tried [staff]';
COMMENT ON COLUMN import.state IS
  'queued: waits; running; ready: tried, to be saved; saved; failed: the file was refused; cancelled [staff]';
COMMENT ON COLUMN import.stage IS 'What the run is at [staff]';
COMMENT ON COLUMN import.done IS 'Rows done in this stage [staff]';
COMMENT ON COLUMN import.total IS 'Rows of this stage; 0: not known yet [staff]';
COMMENT ON COLUMN import.result IS
  'What came of it: columns, notes, counts, units that the file does not have [staff]';
COMMENT ON COLUMN import.faults IS 'Why the file was refused, or not saved [staff]';
COMMENT ON COLUMN import.batch_id IS 'The batch it became; NULL: not saved [staff]';
COMMENT ON COLUMN import.attempts IS 'Runs begun since it was queued [owner]';
COMMENT ON COLUMN import.seen_at IS 'When its run last said that it is alive; UTC [owner]';
COMMENT ON COLUMN import.created_at IS 'When it was sent; UTC [staff]';
ALTER TABLE import ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON import TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON import TO panhuo_app;

CREATE TABLE import_row (
  park_id uuid NOT NULL,
  import_id uuid NOT NULL,
  n integer NOT NULL CONSTRAINT import_row_from_one CHECK (n >= 1),
  verdict text NOT NULL
    CONSTRAINT import_row_verdict CHECK (verdict IN ('new', 'changed', 'same', 'conflict', 'refused')),
  document jsonb NOT NULL
    CONSTRAINT import_row_whole CHECK (document ?& ARRAY['row', 'sheet', 'line', 'changes', 'issues']),
  geometry jsonb,
  PRIMARY KEY (park_id, import_id, n),
  CONSTRAINT row_of_import FOREIGN KEY (park_id, import_id) REFERENCES import (park_id, id)
);
COMMENT ON TABLE import_row IS 'What becomes of each row of a file, as its last trial found.';
COMMENT ON COLUMN import_row.park_id IS 'The park [staff]';
COMMENT ON COLUMN import_row.import_id IS 'The import [staff]';
COMMENT ON COLUMN import_row.n IS 'The row among those of the file, from 1 [staff]';
COMMENT ON COLUMN import_row.verdict IS
  'new: a unit to register; changed; same: nothing differs; conflict: changed here since; refused [staff]';
COMMENT ON COLUMN import_row.document IS 'Sheet, line, code, differences and issues [staff]';
COMMENT ON COLUMN import_row.geometry IS 'Where it lies, GeoJSON; NULL: not said [staff]';
ALTER TABLE import_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON import_row TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, DELETE ON import_row TO panhuo_app;
