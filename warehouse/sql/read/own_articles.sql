-- Purpose: the stored articles that the ledger entries in `batch` led to themselves.
-- Result: columns named as the fields of Article.
SELECT
    a.url, a.entry_url, a.final_url, a.outlet, a.title, t.text, a.word_count, a.fetched_at, a.first_seen_at, a.canonical_link,
    a.authors, a.language, a.language_confidence, a.published_at, a.published_precision, a.published_source,
    a.published_from, a.published_offset_minutes, a.published_gap_seconds, a.modified_at, a.modified_precision, a.section,
    a.lead_image_url, coalesce(a.page_class, 'article') AS page_class, coalesce(a.class_evidence, '') AS class_evidence,
    a.extractor
FROM article AS a
JOIN article_text AS t ON t.article_url = a.url
WHERE a.entry_url IN (SELECT url FROM batch)
ORDER BY a.url
