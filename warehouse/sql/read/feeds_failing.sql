-- Purpose: feeds in use whose last poll failed; the longest first.
-- Result: url, name, failures, checked_at, next_poll_at, reason and detail of the last failed exchange (NULL: none noted).
SELECT f.url, f.name, s.failures, s.checked_at, s.next_poll_at, x.reason, x.detail
FROM feed AS f
JOIN feed_state AS s ON s.feed_url = f.url
LEFT JOIN (
    SELECT url, reason, detail FROM "fetch"
    WHERE kind = 'feed' AND reason NOT IN ('ok', 'unchanged')
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY fetched_at DESC) = 1
) AS x ON x.url = f.url
WHERE f.enabled AND s.failures > 0
ORDER BY s.failures DESC, f.url
