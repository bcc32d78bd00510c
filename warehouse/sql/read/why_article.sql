-- Purpose: a stored article with how it stands to the story and to the articles before it.
-- Result: one row or none; columns of article_all.
SELECT
    url, entry_url, final_url, outlet, title, coalesce(text, '') AS text, word_count, fetched_at, first_seen_at, authors,
    language, published_at, published_precision, published_source, extractor,
    language_confidence, published_from, published_offset_minutes, published_gap_seconds, modified_at,
    modified_precision, section, lead_image_url, coalesce(page_class, 'article') AS page_class,
    coalesce(class_evidence, '') AS class_evidence,
    relevance, score, rule, hits, story_version,
    verdict, verdict_of, containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, verdict_of_title, copies
FROM article_all
WHERE url = $url
