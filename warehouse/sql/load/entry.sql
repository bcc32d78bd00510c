-- Purpose: write URLs that the ledger does not have into it: pending, or as another spelling of an address that it has.
--   Who has an address: the entry of the ledger that is not itself such a duplicate, rather one that may still lead to
--   an article, else the first of the batch by (first_seen_at, position).
-- Result: url, outcome, reason, detail, article_url, decided_at of the rows added.
INSERT INTO entry (
    url, canonical_url, feed_url, outlet, first_seen_at, last_seen_at, title, summary, guid, language,
    published_at, published_precision, published_raw, attempts,
    outcome, reason, detail, article_url, next_attempt_at, decided_at, decided_run_id, run_id)
WITH fresh AS (
    SELECT b.*, max(b.first_seen_at) OVER (PARTITION BY b.url) AS last_seen_at
    FROM batch AS b
    ANTI JOIN entry AS e ON e.url = b.url
    QUALIFY row_number() OVER (PARTITION BY b.url ORDER BY b.first_seen_at, b.position) = 1
),
owner AS (
    SELECT
        canonical_url,
        first(url ORDER BY outcome IN ('gone', 'refused', 'failed'), first_seen_at, url) AS url,
        first(article_url ORDER BY outcome IN ('gone', 'refused', 'failed'), first_seen_at, url) AS article_url
    FROM entry
    WHERE reason <> 'same_canonical'
    GROUP BY canonical_url
),
placed AS (
    SELECT
        f.*,
        coalesce(
            o.url, first_value(f.url) OVER (PARTITION BY f.canonical_url ORDER BY f.first_seen_at, f.position)
        ) AS owner_url,
        o.article_url
    FROM fresh AS f
    LEFT JOIN owner AS o ON o.canonical_url = f.canonical_url
)
SELECT
    url, canonical_url, feed_url, outlet, first_seen_at, last_seen_at, title, summary, guid, language,
    published_at, published_precision, published_raw, attempts,
    CASE WHEN owner_url = url THEN 'pending' ELSE 'duplicate_url' END,
    CASE WHEN owner_url = url THEN 'queued' ELSE 'same_canonical' END,
    CASE WHEN owner_url = url THEN '' ELSE 'the same address as ' || owner_url END,
    article_url,
    NULL,
    first_seen_at,
    $run_id,
    $run_id
FROM placed
ORDER BY first_seen_at, position
RETURNING url, outcome, reason, detail, article_url, decided_at
