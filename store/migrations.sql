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
