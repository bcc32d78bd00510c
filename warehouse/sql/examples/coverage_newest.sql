-- Purpose: the newest independent reports.
-- Result: published_at, outlet, language, title, copies; the newest first.
SELECT published_at, outlet, language, title, copies
FROM coverage
LIMIT 20
