-- name: unsuited
-- Why this database cannot serve, one row a reason; trigram search finds no Chinese under the C locale.
SELECT reason FROM (VALUES
  ('PostgreSQL ' || current_setting('server_version') || ' < 15',
    current_setting('server_version_num')::integer < 150000),
  ('ENCODING ' || current_setting('server_encoding') || ' <> UTF8', current_setting('server_encoding') <> 'UTF8'),
  ('LC_CTYPE C', (SELECT datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()))
) AS fault (reason, is_there)
WHERE is_there ORDER BY reason;

-- name: missing
-- $1 the service's login, $2 the administrator's login, $3 the password of logins to be made (text, may be NULL):
-- the statements still to be run, in order; none where all is there. A superuser counts as a member of every role.
WITH owner AS (SELECT oid FROM pg_roles WHERE rolname = 'panhuo_owner'),
login (n, name, role) AS (VALUES (1, $1::text, 'panhuo_app'), (2, $1, 'panhuo_public'), (3, $2::text, 'panhuo_owner')),
step (n, statement, is_done) AS (
  SELECT 10, format('CREATE ROLE %I NOLOGIN', role), EXISTS (SELECT FROM pg_roles WHERE rolname = role) FROM login
  UNION ALL
  SELECT DISTINCT 20, format('CREATE ROLE %I LOGIN NOINHERIT', name) || coalesce(format(' PASSWORD %L', $3::text), ''),
    EXISTS (SELECT FROM pg_roles WHERE rolname = name) FROM login
  UNION ALL
  SELECT 30 + n, format('GRANT %I TO %I', role, name),
    EXISTS (SELECT FROM pg_roles AS r, pg_roles AS m
      WHERE r.rolname = role AND m.rolname = name AND pg_has_role(m.oid, r.oid, 'MEMBER'))
  FROM login
  UNION ALL
  SELECT 40, format('GRANT CREATE ON DATABASE %I TO panhuo_owner', current_database()),
    EXISTS (SELECT FROM owner WHERE has_database_privilege(oid, current_database(), 'CREATE'))
  UNION ALL
  SELECT 41, 'GRANT USAGE, CREATE ON SCHEMA public TO panhuo_owner',
    EXISTS (SELECT FROM owner WHERE has_schema_privilege(oid, 'public', 'USAGE')
      AND has_schema_privilege(oid, 'public', 'CREATE'))
  UNION ALL
  SELECT 50, format('CREATE EXTENSION %I SCHEMA public', name), EXISTS (SELECT FROM pg_extension WHERE extname = name)
  FROM unnest(ARRAY['postgis', 'btree_gist', 'pg_trgm']) AS extension (name)
)
SELECT statement FROM step WHERE NOT is_done ORDER BY n, statement;

-- name: is_owner
-- Whether this login may act as the owner, as migrations do.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'panhuo_owner' AND pg_has_role(oid, 'MEMBER'));
