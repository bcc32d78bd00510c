-- Purpose: publish how the polls of each feed went, without the validators and without what its schedule remembers.
-- Result: number of rows.
INSERT INTO snapshot.feed_state BY NAME
SELECT * EXCLUDE (
    has_false_validators, answered_at, full_fetch_at, usual_entries_per_hour, recent_entries_per_hour, ttl_seconds,
    not_before_at, backoff)
    REPLACE (NULL AS etag, NULL AS last_modified, NULL AS body_hash)
FROM private.feed_state
