-- Purpose: the runs in $run_ids were killed; none that has ended meanwhile is changed.
-- Result: number of rows changed.
UPDATE run SET status = 'crashed', detail = $detail
WHERE status = 'running' AND list_contains($run_ids, run_id)
