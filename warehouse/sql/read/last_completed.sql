-- Purpose: the run that began last of those that completed.
-- Result: one row or none.
SELECT run_id, command, status, started_at, ended_at, discovered, fetched, published_snapshot, balanced, detail
FROM run_health
WHERE status = 'completed'
ORDER BY started_at DESC, run_id
LIMIT 1
