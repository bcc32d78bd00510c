-- Purpose: whether the ledger adds up: each run's own sum, and that no URL has gone since a run counted them.
-- Result: one row: urls (in the ledger), most_counted (by any run), unbalanced_run_id (the last whose sum is wrong, or NULL).
SELECT
    (SELECT count(*) FROM entry) AS urls,
    (SELECT coalesce(max(ledger_discovered), 0) FROM run) AS most_counted,
    (SELECT arg_max(run_id, started_at) FROM run_health WHERE balanced = false) AS unbalanced_run_id
