-- Purpose: a run has ended, with its report in `batch`; a later report replaces an earlier one.
-- Result: number of rows changed.
UPDATE run SET
    ended_at = b.ended_at,
    status = b.status,
    feeds_polled = b.feeds_polled,
    feeds_unchanged = b.feeds_unchanged,
    feeds_failed = b.feeds_failed,
    discovered = b.discovered,
    fetched = b.fetched,
    outcomes = b.outcomes,
    ledger_discovered = b.ledger_discovered,
    ledger_outcomes = b.ledger_outcomes,
    published_snapshot = b.published_snapshot,
    recorded_in_prefect = b.recorded_in_prefect,
    stage_seconds = b.stage_seconds,
    stage_cpu_seconds = b.stage_cpu_seconds,
    detail = b.detail
FROM batch AS b
WHERE b.run_id = run.run_id
