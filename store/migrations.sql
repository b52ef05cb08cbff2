-- Filled in by store/migrations.py: {relation} and {rule}, names that the database gives, quoted.

-- name: make_table
-- The table of what has been applied, made once.
CREATE TABLE IF NOT EXISTS public.migration (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- name: become_owner
-- What migrations make belongs to the owner role.
SET ROLE panhuo_owner;

-- name: try_lock
-- One runner at a time; polled, because waiting inside the lock deadlocks with CREATE INDEX CONCURRENTLY.
SELECT pg_try_advisory_lock(7263451);

-- name: unlock
-- Lets the next runner in.
SELECT pg_advisory_unlock(7263451);

-- name: applied
-- What has been applied, in order.
SELECT number, name, checksum FROM public.migration ORDER BY number;

-- name: record
-- $1 number, $2 name, $3 SHA-256 of the file.
INSERT INTO public.migration (number, name, checksum) VALUES ($1, $2, $3);

-- name: forget
-- Forgets what an earlier chain of files had applied.
DELETE FROM public.migration;

-- name: set_aside
-- Out of the way, for as long as their twins are made beside them.
ALTER SCHEMA panhuo RENAME TO panhuo_before;
ALTER SCHEMA history RENAME TO history_before;

-- name: look
-- Names are shown the same way before and after, whatever the files set.
SET LOCAL search_path = panhuo, public;

-- name: schema
-- All that the schemas panhuo and history hold, one row for each object: its name and its definition. Blanks within a
-- function are no difference, and neither is NOT VALID, which speaks of rows and not of the rule.
WITH space AS (
  SELECT oid, nspname AS name, nspacl AS acl FROM pg_namespace WHERE nspname IN ('panhuo', 'history')
), relation AS (
  SELECT c.*, c.oid::regclass::text AS name, (SELECT string_agg(a::text, ',' ORDER BY a::text)
    FROM unnest(c.relacl) AS a) AS acl
  FROM pg_class AS c JOIN space ON space.oid = c.relnamespace
), entry AS (
  SELECT 'schema ' || name AS object, obj_description(oid, 'pg_namespace') AS comment,
    (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(acl) AS a) AS definition
  FROM space
  UNION ALL
  SELECT 'relation ' || name, obj_description(oid, 'pg_class'), concat_ws(' ', relkind, relpersistence, relrowsecurity,
    relforcerowsecurity, relowner::regrole, reloptions, acl,
    CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) WHEN 'i' THEN pg_get_indexdef(oid) END)
  FROM relation
  UNION ALL
  SELECT 'column ' || r.name || '.' || a.attname, col_description(r.oid, a.attnum),
    concat_ws(' ', row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
      a.attnotnull, a.attgenerated, a.attacl, pg_get_expr(d.adbin, d.adrelid))
  FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
  WHERE r.relkind <> 'i'
  UNION ALL
  SELECT 'constraint ' || r.name || '.' || c.conname, obj_description(c.oid, 'pg_constraint'),
    replace(pg_get_constraintdef(c.oid), ' NOT VALID', '')
  FROM relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid
  UNION ALL
  SELECT 'trigger ' || r.name || '.' || t.tgname, obj_description(t.oid, 'pg_trigger'),
    concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
  FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  UNION ALL
  SELECT 'policy ' || r.name || '.' || p.polname, obj_description(p.oid, 'pg_policy'),
    concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), 'CHECK',
      pg_get_expr(p.polwithcheck, p.polrelid))
  FROM relation AS r JOIN pg_policy AS p ON p.polrelid = r.oid
  UNION ALL
  SELECT 'function ' || f.oid::regprocedure, obj_description(f.oid, 'pg_proc'),
    concat_ws(' ', f.proowner::regrole, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(f.proacl) AS a),
      regexp_replace(pg_get_functiondef(f.oid), '\s+', ' ', 'g'))
  FROM pg_proc AS f JOIN space ON space.oid = f.pronamespace
)
SELECT object, concat_ws(' -- ', definition, comment) AS definition FROM entry ORDER BY object;

-- name: not_validated
-- Rules that were set for new rows alone.
SELECT c.conrelid::regclass AS relation, quote_ident(c.conname) AS rule FROM pg_constraint AS c
WHERE c.connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('panhuo', 'history')) AND NOT c.convalidated
ORDER BY c.conrelid::regclass::text, c.conname;

-- name: validate
-- {relation}, {rule}: from here on it holds for all rows.
ALTER TABLE {relation} VALIDATE CONSTRAINT {rule};
