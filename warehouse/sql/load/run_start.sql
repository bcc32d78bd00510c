-- Purpose: a run has begun; a second call changes nothing.
-- Result: number of rows added.
INSERT INTO run (run_id, command, started_at, status, recorded_in_prefect, detail)
VALUES ($run_id, $command, $started_at, 'running', false, '')
ON CONFLICT (run_id) DO NOTHING
