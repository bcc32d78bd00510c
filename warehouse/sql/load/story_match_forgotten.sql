-- Purpose: take the rows of the articles in `batch` out of story_match, to put others in their place.
-- Result: number of rows removed.
DELETE FROM story_match WHERE article_url IN (SELECT url FROM batch)
