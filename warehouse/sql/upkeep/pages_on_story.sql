-- Purpose: when the pages were fetched that the stored articles on the story were taken from.
-- Result: fetched_at, distinct.
SELECT DISTINCT a.fetched_at
FROM article AS a
JOIN story_match AS m ON m.article_url = a.url
WHERE m.relevance <> 'off'
