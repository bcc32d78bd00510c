-- Purpose: every change of the ledger for a URL, in time order.
-- Result: columns named as the fields of Decision, but decided_at; run_id.
SELECT url, outcome, reason, decided_at, detail, article_url, attempts, next_attempt_at, run_id
FROM decision
WHERE url = $url
ORDER BY decided_at, (reason <> 'queued'), (outcome <> 'pending'), attempts
