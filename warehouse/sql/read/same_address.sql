-- Purpose: stored articles that one of the URLs in `batch` is an address of: their own, or the one that they name as theirs.
--   An address that more than 8 articles name is a template's mistake and ties nothing.
-- Result: columns named as the fields of Candidate; the oldest first.
SELECT a.url, a.content_hash, t.text, a.published_at, a.first_seen_at, a.canonical_link
FROM article AS a
JOIN article_text AS t ON t.article_url = a.url
WHERE a.url IN (SELECT url FROM batch) OR a.canonical_link IN (
    SELECT n.canonical_link FROM article AS n SEMI JOIN batch AS b ON b.url = n.canonical_link
    GROUP BY n.canonical_link HAVING count(*) <= 8)
ORDER BY a.first_seen_at, a.url
