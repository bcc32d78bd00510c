-- Purpose: ledger entries with an article of their own that are shown again as something else: their feed has another
--   headline, or a feed has a date after the page was fetched. At most $most_times for each.
-- Result: url, title (empty: the same headline), last_at: when this was last said of it, or it was fetched for it
--   (NULL: never).
WITH asked AS (
    SELECT d.url, count(*) AS times, max(d.decided_at) AS last_at
    FROM decision AS d
    WHERE d.reason = 'shown_again' AND d.url IN (SELECT url FROM batch)
    GROUP BY d.url
)
SELECT
    b.url,
    first(CASE WHEN b.feed_url = e.feed_url AND b.title <> e.title THEN b.title ELSE '' END
        ORDER BY (b.feed_url = e.feed_url) DESC, b.position) AS title,
    any_value(CASE WHEN k.times > 0 THEN greatest(k.last_at, a.fetched_at) END) AS last_at
FROM batch AS b
JOIN entry AS e ON e.url = b.url
JOIN article AS a ON a.entry_url = e.url
LEFT JOIN asked AS k ON k.url = b.url
WHERE (e.outcome = 'loaded' OR (e.outcome = 'off_story' AND e.reason = 'score'))
    AND coalesce(k.times, 0) < $most_times
    AND ((b.feed_url = e.feed_url AND b.title <> '' AND b.title <> e.title) OR b.dated_at > a.fetched_at)
GROUP BY b.url
ORDER BY b.url
