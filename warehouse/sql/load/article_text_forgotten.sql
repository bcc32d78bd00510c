-- Purpose: take the rows of the articles in `batch` out of article_text, to put others in their place.
-- Result: number of rows removed.
DELETE FROM article_text WHERE article_url IN (SELECT url FROM batch)
