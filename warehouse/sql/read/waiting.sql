-- Purpose: what waits in the ledger.
--   A wait of more than two days is over, as in pending.sql.
-- Result: one row: due now, waiting for later, the next moment at which one of these is due.
SELECT
    count(*) FILTER (
        next_attempt_at IS NULL OR next_attempt_at <= $now OR next_attempt_at > $now + INTERVAL 2 DAY) AS due,
    count(*) FILTER (next_attempt_at > $now AND next_attempt_at <= $now + INTERVAL 2 DAY) AS later,
    min(next_attempt_at) FILTER (
        next_attempt_at > $now AND next_attempt_at <= $now + INTERVAL 2 DAY) AS next_attempt_at
FROM entry
WHERE outcome = 'pending'
