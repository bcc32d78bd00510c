-- Purpose: where the URLs in `batch` stand in the ledger; of those that wait, where they stood before.
-- Result: columns named as the fields of Decision, but for the time and the attempts; is_waiting.
WITH decided AS (
    SELECT
        url,
        arg_max({'outcome': outcome, 'reason': reason, 'detail': detail, 'article_url': article_url},
            (decided_at, attempts)) AS last
    FROM decision
    WHERE outcome <> 'pending' AND url IN (SELECT url FROM batch)
    GROUP BY url
)
SELECT
    e.url,
    CASE WHEN e.outcome = 'pending' THEN d.last.outcome ELSE e.outcome END AS outcome,
    CASE WHEN e.outcome = 'pending' THEN d.last.reason ELSE e.reason END AS reason,
    CASE WHEN e.outcome = 'pending' THEN d.last.detail ELSE e.detail END AS detail,
    CASE WHEN e.outcome = 'pending' THEN d.last.article_url ELSE e.article_url END AS article_url,
    e.outcome = 'pending' AS is_waiting
FROM entry AS e
LEFT JOIN decided AS d ON d.url = e.url
WHERE e.url IN (SELECT url FROM batch) AND (e.outcome <> 'pending' OR d.url IS NOT NULL)
