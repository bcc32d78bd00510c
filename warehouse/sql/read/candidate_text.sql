-- Purpose: the text of an article: a lookup by key.
-- Result: one row: text.
SELECT text FROM article_text WHERE article_url = $url
