-- name: is_clear
-- Whether the database holds no records of ours, not even empty tables.
SELECT to_regnamespace('panhuo') IS NULL AND to_regclass('public.migration') IS NULL;

-- name: raise_epoch
-- What was restored is another past: every snapshot and position of the one before is void.
UPDATE panhuo.instance SET epoch = gen_random_uuid();
