-- Purpose: what to fetch next, fair to hosts: the first of every host, then the second of every host, ...
--   The host is that of the canonical address: an outlet may have its pages elsewhere, a redirector has none of its own.
--   No wait is longer than a day: one beyond two was set by a clock that was wrong, and is over.
-- Result: columns named as the fields of Entry.
SELECT
    url, canonical_url, feed_url, outlet, first_seen_at, title, summary, guid, language,
    published_at, published_precision, published_raw, attempts
FROM entry
WHERE outcome = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= $now OR next_attempt_at > $now + INTERVAL 2 DAY)
ORDER BY
    row_number() OVER (
        PARTITION BY regexp_extract(canonical_url, '^https://([^/:?#]+)', 1)
        ORDER BY first_seen_at, url),
    first_seen_at,
    url
LIMIT $limit
