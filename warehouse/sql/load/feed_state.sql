-- Purpose: what the last poll of each feed left behind; a poll older than the one noted changes nothing.
-- Result: number of rows added or changed.
INSERT INTO feed_state (
    feed_url, etag, last_modified, body_hash, checked_at, changed_at, failures, next_poll_at, run_id)
SELECT feed_url, etag, last_modified, body_hash, checked_at, changed_at, failures, next_poll_at, $run_id FROM batch
ON CONFLICT (feed_url) DO UPDATE SET
    etag = excluded.etag,
    last_modified = excluded.last_modified,
    body_hash = excluded.body_hash,
    checked_at = excluded.checked_at,
    changed_at = excluded.changed_at,
    failures = excluded.failures,
    next_poll_at = excluded.next_poll_at,
    run_id = excluded.run_id
WHERE feed_state.checked_at IS NULL OR excluded.checked_at IS NULL OR excluded.checked_at >= feed_state.checked_at
