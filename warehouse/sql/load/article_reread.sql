-- Purpose: the pages of the articles in `batch` were read again and say the same: when, and by what.
-- Result: number of rows changed.
UPDATE article SET fetched_at = b.fetched_at, extractor = b.extractor FROM batch AS b WHERE b.url = article.url
