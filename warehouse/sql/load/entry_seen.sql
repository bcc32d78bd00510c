-- Purpose: known URLs were shown again: of them nothing else moves.
-- Result: number of rows changed.
UPDATE entry SET last_seen_at = b.seen_at
FROM (SELECT url, max(first_seen_at) AS seen_at FROM batch GROUP BY url) AS b
WHERE b.url = entry.url AND b.seen_at > entry.last_seen_at
