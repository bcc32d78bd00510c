-- Purpose: how long after publication an article was discovered, for those whose time is known to the minute.
-- Result: outlet, articles, median_minutes.
SELECT outlet, count(*) AS articles, median(date_diff('minute', published_at, first_seen_at)) AS median_minutes
FROM article_all
WHERE published_precision IN ('minute', 'second')
GROUP BY outlet
ORDER BY median_minutes, outlet
