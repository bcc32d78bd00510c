-- Purpose: stored articles that were left out because they are not on the story, the closest first: is the bar right?
-- Result: score, rule, outlet, title.
SELECT score, rule, outlet, title
FROM article_all
WHERE relevance = 'off'
ORDER BY score DESC, url
LIMIT 20
