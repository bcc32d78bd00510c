-- Purpose: articles that are off the story now are nobody's original.
-- Result: number of rows removed.
DELETE FROM posting WHERE article_url IN (SELECT url FROM batch)
