-- Purpose: take the rows of the articles in `batch`, which are none any more, out of story_match.
-- Result: number of rows removed.
DELETE FROM story_match WHERE article_url IN (SELECT url FROM batch)
