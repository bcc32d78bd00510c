-- Purpose: feeds in use that answer, but bring nothing: silent, stale or empty ones; the longest first.
-- Result: url, name, state, since_at.
SELECT url, name, state, since_at
FROM feed_health
WHERE state IN ('silent', 'stale', 'empty')
ORDER BY since_at NULLS FIRST, url
