-- Purpose: stored on-story articles that may be the originals of the articles fingerprinted in `batch`: those with the
--   same content hash, from the whole store, and those first seen from $window_start on (NULL: all) that share at least
--   2 hashes and a fifth of the smaller sketch. Only fingerprints of one format can be compared.
-- Result: asked_url, and columns named as the fields of Candidate; the oldest first.
WITH shared AS (
    SELECT b.article_url AS asked_url, p.article_url AS url, count(*) AS hashes
    FROM (SELECT article_url, unnest(sketch) AS hash FROM batch) AS b
    JOIN posting AS p ON p.hash = b.hash
    GROUP BY b.article_url, p.article_url
),
found AS (
    SELECT s.asked_url, s.url
    FROM shared AS s
    JOIN batch AS b ON b.article_url = s.asked_url
    JOIN article AS a ON a.url = s.url
    WHERE s.hashes >= greatest(2, 0.2 * least(len(b.sketch), a.sketch_size))
        AND a.fingerprint_version = b.fingerprint_version
        AND a.shingle_length = b.shingle_length
        AND ($window_start::TIMESTAMPTZ IS NULL OR a.first_seen_at >= $window_start::TIMESTAMPTZ)
    UNION
    SELECT b.article_url, a.url
    FROM batch AS b
    JOIN article AS a ON a.content_hash = b.content_hash AND a.fingerprint_version = b.fingerprint_version
    SEMI JOIN verdict AS v ON v.article_url = a.url
)
SELECT f.asked_url, a.url, a.content_hash, t.text, a.published_at, a.first_seen_at
FROM found AS f
JOIN article AS a ON a.url = f.url
JOIN article_text AS t ON t.article_url = f.url
WHERE f.url <> f.asked_url
ORDER BY f.asked_url, a.first_seen_at, a.url
