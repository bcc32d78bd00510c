-- Purpose: URLs that wait to be fetched although an older one of the ledger is another spelling of the same address.
-- Result: url, owner_url, article_url of the older one.
WITH owner AS (
    SELECT canonical_url, first(url ORDER BY outcome = 'pending', first_seen_at, url) AS url,
        first(article_url ORDER BY outcome = 'pending', first_seen_at, url) AS article_url
    FROM entry
    WHERE reason <> 'same_canonical' AND outcome NOT IN ('gone', 'refused', 'failed')
    GROUP BY canonical_url
)
SELECT e.url, o.url AS owner_url, o.article_url
FROM entry AS e
JOIN owner AS o ON o.canonical_url = e.canonical_url AND o.url <> e.url
WHERE e.outcome = 'pending'
ORDER BY e.url
