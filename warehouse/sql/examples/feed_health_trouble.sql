-- Purpose: feeds that somebody should look at.
-- Result: name, state, since_at, failures, failure_reason.
SELECT name, state, since_at, failures, failure_reason
FROM feed_health
WHERE state NOT IN ('ok', 'new')
ORDER BY state, name
