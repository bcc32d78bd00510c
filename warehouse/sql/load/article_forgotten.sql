-- Purpose: take the rows of the articles in `batch` out of article, to put others in their place.
-- Result: number of rows removed.
DELETE FROM article WHERE url IN (SELECT url FROM batch)
