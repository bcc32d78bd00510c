-- Purpose: the stored articles by what they are to the story and to those before them.
-- Result: relevance, verdict ("none": off the story), articles.
SELECT m.relevance, coalesce(v.kind, 'none') AS verdict, count(*) AS articles
FROM story_match AS m
LEFT JOIN verdict AS v ON v.article_url = m.article_url
GROUP BY ALL
ORDER BY ALL
