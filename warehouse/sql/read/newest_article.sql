-- Purpose: the newest row of coverage.
-- Result: url, title, outlet, published_at, first_seen_at; one row or none.
SELECT url, title, outlet, published_at, first_seen_at
FROM coverage
ORDER BY coalesce(published_at, first_seen_at) DESC, url
LIMIT 1
