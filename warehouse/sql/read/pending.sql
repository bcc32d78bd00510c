-- Purpose: what to fetch next, fair to hosts: the first of every host, then the second of every host, ...
--   The host is that of the address: an outlet may have its pages elsewhere.
-- Result: columns named as the fields of Entry.
SELECT
    url, canonical_url, feed_url, outlet, first_seen_at, title, summary, guid, language,
    published_at, published_precision, published_raw, attempts
FROM entry
WHERE outcome = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= $now)
ORDER BY
    row_number() OVER (
        PARTITION BY regexp_extract(lower(url), '^https?://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)', 1)
        ORDER BY first_seen_at, url),
    first_seen_at,
    url
LIMIT $limit
