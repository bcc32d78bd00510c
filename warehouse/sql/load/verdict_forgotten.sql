-- Purpose: take the rows of the articles in `batch` out of verdict, to put others in their place.
-- Result: number of rows removed.
DELETE FROM verdict WHERE article_url IN (SELECT url FROM batch)
