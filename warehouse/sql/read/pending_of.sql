-- Purpose: which of the URLs in `batch` wait for a decision, whether due or not.
-- Result: columns named as the fields of Entry.
SELECT
    url, canonical_url, feed_url, outlet, first_seen_at, title, summary, guid, language,
    published_at, published_precision, published_raw, attempts
FROM entry
WHERE outcome = 'pending' AND url IN (SELECT url FROM batch)
ORDER BY first_seen_at, url
