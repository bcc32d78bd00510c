-- Purpose: bring the fingerprints of stored articles to the format of those in `batch`.
-- Result: number of rows changed.
UPDATE article SET
    content_hash = b.content_hash,
    shingle_length = b.shingle_length,
    sketch_size = len(b.hashes),
    fingerprint_version = b.fingerprint_version
FROM batch AS b
WHERE b.article_url = article.url
