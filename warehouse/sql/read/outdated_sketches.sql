-- Purpose: on-story articles whose fingerprint is of another format than $format_version.
-- Result: columns named as the fields of Candidate.
SELECT a.url, a.content_hash, t.text, a.published_at, a.first_seen_at
FROM article AS a
SEMI JOIN verdict AS v ON v.article_url = a.url
JOIN article_text AS t ON t.article_url = a.url
WHERE a.fingerprint_version <> $format_version
ORDER BY a.first_seen_at, a.url
