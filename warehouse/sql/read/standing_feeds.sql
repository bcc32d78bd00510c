-- Purpose: how each feed in use does.
-- Result: url, name, state, since_at, failures, reason of the last failure (NULL: none has).
SELECT url, name, state, since_at, failures, failure_reason AS reason
FROM feed_health
ORDER BY name, url
