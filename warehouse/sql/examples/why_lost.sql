-- Purpose: what ended without a text, and why.
-- Result: url, outcome, reason, detail; the last decision on each URL.
SELECT
    url,
    arg_max(outcome, happened_at) AS outcome,
    arg_max(reason, happened_at) AS reason,
    arg_max(detail, happened_at) AS detail
FROM why
WHERE event = 'decided'
GROUP BY url
HAVING arg_max(outcome, happened_at) IN ('not_article', 'gone', 'refused', 'failed', 'lead')
ORDER BY url
