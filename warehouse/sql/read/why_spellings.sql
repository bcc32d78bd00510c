-- Purpose: the other URLs of the ledger that are the same address; the one that is not a duplicate first.
-- Result: url, article_url.
SELECT url, article_url FROM entry
WHERE canonical_url = $canonical_url AND url <> $url
ORDER BY (reason = 'same_canonical'), first_seen_at, url
