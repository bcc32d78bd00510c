-- Purpose: the stored articles of the URLs in `batch`, with text and with how they stand to the story.
-- Result: as of stored_articles.
SELECT
    a.url, a.entry_url, a.final_url, a.outlet, a.title, t.text, a.word_count, a.fetched_at, a.first_seen_at,
    a.language, a.published_at, a.published_precision, a.published_source, a.extractor,
    m.relevance, m.score, m.rule, m.story_version,
    coalesce((SELECT list(s.step ORDER BY s.step) FROM article_step AS s WHERE s.article_url = a.url), []) AS steps,
    v.kind AS verdict
FROM article AS a
JOIN article_text AS t ON t.article_url = a.url
JOIN story_match AS m ON m.article_url = a.url
LEFT JOIN verdict AS v ON v.article_url = a.url
WHERE a.url IN (SELECT url FROM batch)
ORDER BY a.url
