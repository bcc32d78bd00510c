-- Purpose: take the rows of the articles in `batch`, which are none any more, out of article_step.
-- Result: number of rows removed.
DELETE FROM article_step WHERE article_url IN (SELECT url FROM batch)
