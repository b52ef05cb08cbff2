-- What every record rests on: the past kept in twins, heads and events, idempotency keys.
-- Each of these files runs in psql as it stands, as panhuo_owner: `psql -1 -f FILE`. Roles and extensions come before
-- them, from `panhuo db up`; `panhuo db migrate` runs them in order, each in a transaction, and writes down which.

CREATE SCHEMA panhuo;
CREATE SCHEMA history;
COMMENT ON SCHEMA panhuo IS 'Current rows. Rules are named constraints.';
COMMENT ON SCHEMA history IS 'Past rows of the table of the same name, kept by trigger keep_past.';
SET search_path = panhuo, public;
GRANT USAGE ON SCHEMA panhuo TO panhuo_app, panhuo_public;
GRANT USAGE ON SCHEMA history TO panhuo_app;

CREATE TABLE instance (
  only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT one_instance_row CHECK (only_row),
  epoch uuid NOT NULL DEFAULT gen_random_uuid(),
  cursor_key bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
);
COMMENT ON TABLE instance IS 'What this database is to its readers; one row.';
COMMENT ON COLUMN instance.only_row IS 'Makes a second row impossible [owner]';
COMMENT ON COLUMN instance.epoch IS 'Raised by every restore: a snapshot of another epoch is built anew [owner]';
COMMENT ON COLUMN instance.cursor_key IS 'Key that signs paging cursors [owner]';
ALTER TABLE instance ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON instance TO panhuo_app USING ((SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT ON instance TO panhuo_app;

INSERT INTO instance DEFAULT VALUES;

-- The instant of the act in progress, the same for all its rows; the clock's outside an act.
CREATE FUNCTION act_at() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(nullif(current_setting('app.act_at', true), '')::timestamptz, clock_timestamp())
$$;
REVOKE ALL ON FUNCTION act_at() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION act_at() TO panhuo_app;

-- Old facts go, by name, into the twin; it decides nothing.
CREATE FUNCTION keep_past() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = panhuo, pg_temp AS $$
DECLARE
  superseded timestamptz := act_at();
BEGIN
  -- A clock that stepped back must not lose a version.
  superseded := greatest(superseded, OLD.recorded_at + CASE
    WHEN OLD.recorded_at > superseded THEN interval '1 microsecond' ELSE interval '0' END);
  IF superseded > OLD.recorded_at THEN  -- equal: the same act, nothing to keep
    EXECUTE format(
      'INSERT INTO history.%I (superseded_at, recorded_at, %s) SELECT $1, ($2).recorded_at, %s',
      TG_TABLE_NAME, array_to_string(TG_ARGV, ', '), '($2).' || array_to_string(TG_ARGV, ', ($2).'))
      USING superseded, OLD;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.recorded_at := superseded;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_past() FROM PUBLIC;

-- Events and ledger are added to and never changed, by their owner neither: migrations may add columns to them, none
-- may rewrite their rows.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on %: nothing recorded changes', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
      CONSTRAINT = 'nothing_recorded_changes';
END
$$;
REVOKE ALL ON FUNCTION refuse_change() FROM PUBLIC;
COMMENT ON FUNCTION refuse_change() IS
  'Refuses what is not an addition; ENABLE ALWAYS, so that a replica''s session is refused as well';

CREATE TABLE head (
  scope_id uuid PRIMARY KEY,
  kind text NOT NULL CONSTRAINT head_kind CHECK (kind IN ('nil', 'park', 'firm')),
  rev bigint NOT NULL DEFAULT 0 CONSTRAINT head_rev_counts_up CHECK (rev >= 0),
  hash bytea NOT NULL DEFAULT '\x'
);
CREATE INDEX head_not_firm ON head (scope_id) WHERE kind <> 'firm';
COMMENT ON TABLE head IS
  'One row a scope: a park, a firm, or the nil scope (accounts, parks, schemes). The last statement of every act '
  'bumps it.';
COMMENT ON COLUMN head.scope_id IS 'Park, firm, or the nil UUID [staff]';
COMMENT ON COLUMN head.kind IS 'nil, park or firm [staff]';
COMMENT ON COLUMN head.rev IS 'Number of acts in this scope; commit order, without gaps [staff]';
COMMENT ON COLUMN head.hash IS 'SHA-256 over the previous hash, rev and the digest of the act''s events [staff]';
ALTER TABLE head ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON head TO panhuo_app USING (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system')
  WITH CHECK (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
GRANT SELECT, INSERT, UPDATE ON head TO panhuo_app;

INSERT INTO head (scope_id, kind) VALUES ('00000000-0000-0000-0000-000000000000', 'nil');

CREATE TABLE event (
  scope_id uuid NOT NULL CONSTRAINT event_head REFERENCES head,
  rev bigint NOT NULL,
  n integer NOT NULL CONSTRAINT event_n_from_one CHECK (n >= 1),
  actor_id uuid NOT NULL,
  act text NOT NULL,
  subject_kind text NOT NULL,
  subject_id uuid NOT NULL,
  at timestamptz NOT NULL,
  body text NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (scope_id, rev, n)
);
CREATE INDEX event_subject ON event (scope_id, subject_id, rev, n);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE event ENABLE ALWAYS TRIGGER refuse_change, ENABLE ALWAYS TRIGGER refuse_truncate;
COMMENT ON TABLE event IS 'Append-only: who did what when to what, and what changed.';
COMMENT ON COLUMN event.scope_id IS 'The scope the act wrote [staff]';
COMMENT ON COLUMN event.rev IS 'The act within its scope [staff]';
COMMENT ON COLUMN event.n IS 'The event within its act, from 1 [staff]';
COMMENT ON COLUMN event.actor_id IS 'Account that acted; the nil UUID is the service itself [staff]';
COMMENT ON COLUMN event.act IS 'Name of the act, such as asset.published [staff]';
COMMENT ON COLUMN event.subject_kind IS 'Kind of record acted on [staff]';
COMMENT ON COLUMN event.subject_id IS 'Record acted on [staff]';
COMMENT ON COLUMN event.at IS 'Instant of the act, read after all its locks; UTC [staff]';
COMMENT ON COLUMN event.body IS 'What changed, JSON text; people only as ids of contacts [staff]';
COMMENT ON COLUMN event.digest IS
  'SHA-256 of the whole act''s events, length-prefixed, the same in each of its rows [staff]';
ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON event TO panhuo_app USING (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON event TO panhuo_app;

CREATE TABLE idempotency (
  actor_id uuid NOT NULL,
  key text NOT NULL CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint bytea NOT NULL,
  status integer,
  etag text,
  location text,
  body text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
COMMENT ON TABLE idempotency IS
  'Answers of acts that carried an Idempotency-Key, kept 7 days; refusals are not stored.';
COMMENT ON COLUMN idempotency.actor_id IS 'Whose key it is [owner]';
COMMENT ON COLUMN idempotency.key IS 'The key, unquoted [owner]';
COMMENT ON COLUMN idempotency.fingerprint IS
  'SHA-256 of method, route, query, precondition, content type and raw body [owner]';
COMMENT ON COLUMN idempotency.status IS 'HTTP status of the stored answer [owner]';
COMMENT ON COLUMN idempotency.etag IS 'ETag of the stored answer [owner]';
COMMENT ON COLUMN idempotency.location IS 'Location of the stored answer [owner]';
COMMENT ON COLUMN idempotency.body IS 'Body of the stored answer, JSON text, secrets left out [owner]';
COMMENT ON COLUMN idempotency.created_at IS 'When the key was first used [owner]';
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency TO panhuo_app USING (
  actor_id = (SELECT nullif(current_setting('app.actor_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO panhuo_app;
