-- Purpose: move the ledger to the last decision of `batch` on each URL.
-- Result: number of rows changed.
UPDATE entry SET
    outcome = b.outcome,
    reason = b.reason,
    detail = b.detail,
    article_url = b.article_url,
    attempts = coalesce(b.attempts, entry.attempts),
    next_attempt_at = b.next_attempt_at,
    decided_at = b.decided_at,
    decided_run_id = $run_id
FROM (
    SELECT * FROM batch
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY decided_at DESC, (outcome = 'pending'), position DESC) = 1
) AS b
WHERE b.url = entry.url
