-- Purpose: articles that are off the story now are nobody's original: their sketches, after the hashes of these.
-- Result: number of rows removed.
DELETE FROM sketch WHERE article_url IN (SELECT url FROM batch)
