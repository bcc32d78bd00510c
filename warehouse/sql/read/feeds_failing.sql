-- Purpose: feeds in use whose last poll failed; the longest first.
-- Result: url, name, failures, checked_at, next_poll_at, reason and detail of the last failure (NULL: none noted).
SELECT url, name, failures, checked_at, next_poll_at, failure_reason AS reason, failure_detail AS detail
FROM feed_health
WHERE state = 'failing'
ORDER BY failures DESC, url
