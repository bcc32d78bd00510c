-- Purpose: the articles whose verdict names one of the URLs in `batch` as their original.
-- Result: columns named as the fields of Candidate.
SELECT a.url, a.content_hash, t.text, a.published_at, a.first_seen_at
FROM verdict AS v
SEMI JOIN batch AS b ON b.url = v."of"
JOIN article AS a ON a.url = v.article_url
JOIN article_text AS t ON t.article_url = a.url
ORDER BY a.url
