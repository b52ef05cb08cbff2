-- Events and ledger are added to and never changed, by their owner neither: until now rights alone kept the service from it.
-- Migrations may add columns; none may rewrite these rows.

SET LOCAL search_path = panhuo, public;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on %: nothing recorded changes', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'nothing_recorded_changes';
END
$$;
REVOKE ALL ON FUNCTION refuse_change() FROM PUBLIC;
COMMENT ON FUNCTION refuse_change() IS 'Refuses what is not an addition; ENABLE ALWAYS, so that a replica''s session is refused as well';

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ledger_transaction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE event
  ENABLE ALWAYS TRIGGER refuse_change,
  ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE ledger_transaction
  ENABLE ALWAYS TRIGGER refuse_change,
  ENABLE ALWAYS TRIGGER refuse_truncate;
