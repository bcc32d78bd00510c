-- Purpose: the addresses of the articles whose verdict names one of the URLs in `batch` as their original.
-- Result: url.
SELECT v.article_url AS url FROM verdict AS v SEMI JOIN batch AS b ON b.url = v."of" ORDER BY v.article_url
