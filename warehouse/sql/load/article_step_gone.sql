-- Purpose: forget the steps of the articles in `batch` (article_url, step) that are not named there any more.
--   A row of `batch` without a step names an article alone.
-- Result: number of rows removed.
DELETE FROM article_step
WHERE article_url IN (SELECT article_url FROM batch) AND (article_url, step) NOT IN (
    SELECT (article_url, step) FROM batch WHERE step IS NOT NULL)
