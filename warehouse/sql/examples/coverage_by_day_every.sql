-- Purpose: articles of every day from the first to the last, with 0 for days without any, as charts want it.
-- Result: day_at, articles.
SELECT every.day_at, coalesce(d.articles, 0) AS articles
FROM (
    SELECT to_timestamp(unnest(range(min(epoch(day_at))::BIGINT, max(epoch(day_at))::BIGINT + 1, 86400))) AS day_at
    FROM coverage_by_day
) AS every
LEFT JOIN coverage_by_day AS d ON d.day_at = every.day_at
ORDER BY every.day_at
