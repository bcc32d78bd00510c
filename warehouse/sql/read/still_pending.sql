-- Purpose: which of the URLs in `batch` wait for a decision.
-- Result: url.
SELECT b.url FROM batch AS b SEMI JOIN entry AS e ON e.url = b.url AND e.outcome = 'pending'
