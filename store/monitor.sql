-- name: check
-- Answers, where anything does.
SELECT 1;

-- name: write
-- Some 1 MB to a temporary file (with a work_mem of 64 kB), which is gone at once: 53100 where there is no room.
SELECT count(*) FROM generate_series(1, 40000);
