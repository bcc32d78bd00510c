-- Purpose: stored articles of other entries to which their feed gives the guid that it gives to one of the URLs in `batch`.
-- Result: asked_url, entry_url of the oldest such entry.
SELECT n.url AS asked_url, first(e.url ORDER BY e.first_seen_at, e.url) AS entry_url
FROM entry AS n
SEMI JOIN batch AS b ON b.url = n.url
JOIN entry AS e ON e.guid = n.guid AND e.feed_url = n.feed_url AND e.url <> n.url
JOIN article AS a ON a.entry_url = e.url
WHERE n.guid <> ''
GROUP BY n.url
ORDER BY n.url
