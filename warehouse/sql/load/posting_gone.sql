-- Purpose: take out the hashes by which the articles in `batch` were found: they are nobody's original, or of another text.
-- Result: number of rows removed.
DELETE FROM posting WHERE sketch_id IN (SELECT s.sketch_id FROM sketch AS s JOIN batch AS b ON b.url = s.article_url)
