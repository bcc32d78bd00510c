-- Purpose: take out the sketches of the articles in `batch`, after the hashes of these.
-- Result: number of rows removed.
DELETE FROM sketch WHERE article_url IN (SELECT url FROM batch)
