-- Purpose: the runs of which no end is noted.
-- Result: one row per run: run_id.
SELECT run_id FROM run WHERE status = 'running' ORDER BY run_id
