-- Purpose: how much was published on the story per language and 24 hours, counted back from now.
-- Result: language, days_ago (0: the last 24 hours), articles; days without any are left out. Articles without a date or a language
--   are not counted.
SELECT
    a.language,
    floor(date_diff('second', a.published_at, $now) / 86400)::INTEGER AS days_ago,
    count(*) AS articles
FROM article AS a
JOIN verdict AS v ON v.article_url = a.url
WHERE a.language IS NOT NULL AND a.published_at <= $now AND a.published_at > $now - INTERVAL 15 DAY
GROUP BY ALL
ORDER BY ALL
