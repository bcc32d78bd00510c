-- Purpose: the runs that began since a moment, the oldest first.
-- Result: run_id, command, status, started_at, ended_at, detail, asked (whether it asked feeds).
SELECT run_id, command, status, started_at, ended_at, detail, coalesce(feeds_polled, 0) > 0 AS asked
FROM run
WHERE started_at >= $since
ORDER BY started_at, run_id
