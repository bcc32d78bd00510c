-- Purpose: who copied whom, and how many hours later.
-- Result: outlet, verdict, original, hours_after; the quickest first.
SELECT outlet, verdict, verdict_of AS original, round(lead_seconds / 3600, 1) AS hours_after
FROM article_all
WHERE verdict IN ('exact', 'near', 'rewrite')
ORDER BY lead_seconds NULLS LAST, url
