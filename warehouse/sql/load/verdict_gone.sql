-- Purpose: articles that are off the story now, or none any more, are not judged.
-- Result: number of rows removed.
DELETE FROM verdict WHERE article_url IN (SELECT url FROM batch)
