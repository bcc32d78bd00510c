-- Purpose: forget the exchanges that exchanges_old counts. Those for pages stay: `why` tells of them.
-- Result: number of rows.
DELETE FROM "fetch"
WHERE kind IN ('feed', 'robots')
    AND fetched_at < $before
    AND (url, kind, fetched_at) NOT IN (SELECT (url, kind, max(fetched_at)) FROM "fetch" GROUP BY url, kind)
