-- Purpose: the last exchange with each feed. The published file has none.
-- Result: url, reason, detail, fetched_at.
SELECT url, reason, detail, fetched_at FROM "fetch" WHERE kind = 'feed'
QUALIFY row_number() OVER (PARTITION BY url ORDER BY fetched_at DESC) = 1
