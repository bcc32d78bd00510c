-- Purpose: the stored articles whose verdicts name one of the articles in `batch` as their original, and the copies of these.
-- Result: columns named as the fields of Article.
WITH RECURSIVE copy AS (
    SELECT v.article_url FROM verdict AS v SEMI JOIN batch AS b ON b.url = v."of"
    UNION
    SELECT v.article_url FROM verdict AS v JOIN copy AS c ON v."of" = c.article_url
)
SELECT
    a.url, a.entry_url, a.final_url, a.outlet, a.title, t.text, a.word_count, a.fetched_at, a.first_seen_at, a.canonical_link,
    a.authors, a.language, a.language_confidence, a.published_at, a.published_precision, a.published_source,
    a.published_from, a.published_offset_minutes, a.published_gap_seconds, a.modified_at, a.modified_precision, a.section,
    a.lead_image_url, coalesce(a.page_class, 'article') AS page_class, coalesce(a.class_evidence, '') AS class_evidence,
    a.extractor
FROM article AS a
JOIN article_text AS t ON t.article_url = a.url
WHERE a.url IN (SELECT article_url FROM copy) AND a.url NOT IN (SELECT url FROM batch)
ORDER BY a.url
