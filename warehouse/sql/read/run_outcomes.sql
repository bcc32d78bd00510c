-- Purpose: where the URLs stand that a run discovered or decided.
-- Result: outcome, reason, urls.
SELECT outcome, reason, count(*) AS urls
FROM entry
WHERE run_id = $run_id OR decided_run_id = $run_id
GROUP BY outcome, reason
ORDER BY outcome, reason
