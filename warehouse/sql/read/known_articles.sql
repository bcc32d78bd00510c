-- Purpose: which of the URLs in `batch` are stored articles.
-- Result: url.
SELECT b.url FROM batch AS b SEMI JOIN article AS a ON a.url = b.url
