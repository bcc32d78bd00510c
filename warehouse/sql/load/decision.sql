-- Purpose: append to the history of the ledger; a decision that it has changes nothing.
-- Result: number of rows added.
INSERT INTO decision (url, decided_at, outcome, reason, attempts, detail, article_url, next_attempt_at, run_id)
SELECT
    b.url, b.decided_at, b.outcome, b.reason, coalesce(b.attempts, e.attempts), b.detail, b.article_url,
    b.next_attempt_at, $run_id
FROM batch AS b
JOIN entry AS e ON e.url = b.url
ON CONFLICT (url, decided_at, outcome, reason, attempts) DO NOTHING
