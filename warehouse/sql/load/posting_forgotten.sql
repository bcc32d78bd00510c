-- Purpose: take the rows of the articles in `batch` out of posting, to put others in their place.
-- Result: number of rows removed.
DELETE FROM posting WHERE article_url IN (SELECT url FROM batch)
