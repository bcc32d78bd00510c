-- Purpose: spellings of an address that get their chance: those that tried for it have all ended gone, refused or failed.
--   Of each address that one of the URLs in `batch` spells, the oldest spelling that waits as a duplicate, as long as
--   fewer than $most_tried spellings were tried.
-- Result: url, dead_url and dead_outcome of the spelling that was tried last.
WITH tried AS (
    SELECT
        e.canonical_url,
        arg_max(e.url, (e.decided_at, e.url)) AS dead_url,
        arg_max(e.outcome, (e.decided_at, e.url)) AS dead_outcome
    FROM entry AS e
    WHERE e.reason <> 'same_canonical'
        AND e.canonical_url IN (SELECT n.canonical_url FROM entry AS n SEMI JOIN batch AS b ON b.url = n.url)
    GROUP BY e.canonical_url
    HAVING bool_and(e.outcome IN ('gone', 'refused', 'failed')) AND count(*) < $most_tried
)
SELECT first(e.url ORDER BY e.first_seen_at, e.url) AS url, t.dead_url, t.dead_outcome
FROM entry AS e
JOIN tried AS t ON t.canonical_url = e.canonical_url
WHERE e.reason = 'same_canonical'
GROUP BY t.canonical_url, t.dead_url, t.dead_outcome
ORDER BY url
