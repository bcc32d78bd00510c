-- Purpose: what waits in the ledger.
-- Result: one row: due now, waiting for later, the next moment at which one of these is due.
SELECT
    count(*) FILTER (next_attempt_at IS NULL OR next_attempt_at <= $now) AS due,
    count(*) FILTER (next_attempt_at > $now) AS later,
    min(next_attempt_at) FILTER (next_attempt_at > $now) AS next_attempt_at
FROM entry
WHERE outcome = 'pending'
