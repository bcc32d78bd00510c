-- Purpose: how many exchanges ended before $before of which no view tells: those with feeds and robots.txt, but the last one with each address.
-- Result: exchanges.
SELECT count(*) AS exchanges
FROM (
    SELECT fetched_at FROM "fetch"
    WHERE kind IN ('feed', 'robots')
    QUALIFY row_number() OVER (PARTITION BY url, kind ORDER BY fetched_at DESC) > 1
)
WHERE fetched_at < $before
