-- Purpose: what the last poll of each feed left behind; a poll older than the one noted changes nothing.
-- Result: number of rows added or changed.
INSERT INTO feed_state (
    feed_url, etag, last_modified, has_false_validators, body_hash, checked_at, answered_at, changed_at,
    full_fetch_at, last_new_entry_at, newest_published_at, entry_count, usual_entries_per_hour,
    recent_entries_per_hour, ttl_seconds, interval_seconds, not_before_at, failures, backoff, failing_since_at,
    failure_reason, failure_detail, next_poll_at, run_id)
SELECT
    feed_url, etag, last_modified, has_false_validators, body_hash, checked_at, answered_at, changed_at,
    full_fetch_at, last_new_entry_at, newest_published_at, entry_count, usual_entries_per_hour,
    recent_entries_per_hour, ttl_seconds, interval_seconds, not_before_at, failures, backoff, failing_since_at,
    failure_reason, failure_detail, next_poll_at, $run_id
FROM batch
ON CONFLICT (feed_url) DO UPDATE SET
    etag = excluded.etag,
    last_modified = excluded.last_modified,
    has_false_validators = excluded.has_false_validators,
    body_hash = excluded.body_hash,
    checked_at = excluded.checked_at,
    answered_at = excluded.answered_at,
    changed_at = excluded.changed_at,
    full_fetch_at = excluded.full_fetch_at,
    last_new_entry_at = excluded.last_new_entry_at,
    newest_published_at = excluded.newest_published_at,
    entry_count = excluded.entry_count,
    usual_entries_per_hour = excluded.usual_entries_per_hour,
    recent_entries_per_hour = excluded.recent_entries_per_hour,
    ttl_seconds = excluded.ttl_seconds,
    interval_seconds = excluded.interval_seconds,
    not_before_at = excluded.not_before_at,
    failures = excluded.failures,
    backoff = excluded.backoff,
    failing_since_at = excluded.failing_since_at,
    failure_reason = excluded.failure_reason,
    failure_detail = excluded.failure_detail,
    next_poll_at = excluded.next_poll_at,
    run_id = excluded.run_id
WHERE feed_state.checked_at IS NULL OR excluded.checked_at IS NULL OR excluded.checked_at >= feed_state.checked_at
