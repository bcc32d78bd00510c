-- Purpose: what the last polls left behind.
-- Result: one row per feed, columns named as the fields of FeedState.
SELECT
    feed_url, etag, last_modified, has_false_validators, body_hash, checked_at, answered_at, changed_at,
    full_fetch_at, last_new_entry_at, newest_published_at, entry_count, usual_entries_per_hour,
    recent_entries_per_hour, ttl_seconds, interval_seconds, not_before_at, failures, backoff, failing_since_at,
    failure_reason, failure_detail, next_poll_at
FROM feed_state
ORDER BY feed_url
