-- Purpose: articles that are off the story now are nobody's original: the hashes by which they were found.
-- Result: number of rows removed.
DELETE FROM posting WHERE sketch_id IN (SELECT s.sketch_id FROM sketch AS s JOIN batch AS b ON b.url = s.article_url)
