-- Purpose: a stored article by its own address, else by the address that led to it.
-- Result: one row or none; columns named as the fields of Candidate.
SELECT a.url, t.text, a.published_at, a.first_seen_at, a.content_hash
FROM article AS a
JOIN article_text AS t ON t.article_url = a.url
WHERE a.url IN ($canonical_url, $url) OR a.entry_url = $url
ORDER BY a.url = $canonical_url DESC, a.url
LIMIT 1
