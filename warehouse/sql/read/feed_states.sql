-- Purpose: what the last polls left behind.
-- Result: one row per feed, columns named as the fields of FeedState.
SELECT feed_url, etag, last_modified, body_hash, checked_at, changed_at, failures, next_poll_at
FROM feed_state
ORDER BY feed_url
