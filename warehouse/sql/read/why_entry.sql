-- Purpose: the ledger entry that a URL means: as discovered, else as canonical, else as the address of its article.
--   Of several spellings the one that is not a duplicate, else the first.
-- Result: one row or none.
SELECT
    e.url, e.canonical_url, e.feed_url, e.outlet, e.first_seen_at, e.title, e.summary, e.guid, e.language,
    e.published_at, e.published_precision, e.published_raw, e.attempts,
    e.last_seen_at, e.outcome, e.reason, e.detail, coalesce(e.article_url, own.url) AS article_url, e.next_attempt_at, e.decided_at, e.run_id,
    e.decided_run_id, f.name AS feed_name
FROM entry AS e
LEFT JOIN feed AS f ON f.url = e.feed_url
LEFT JOIN article AS a ON a.url = $url AND a.entry_url = e.url
LEFT JOIN article AS own ON own.entry_url = e.url
WHERE e.url = $url OR e.canonical_url = $url OR a.url = $url
ORDER BY (e.url = $url) DESC, (e.canonical_url = $url) DESC, (e.reason = 'same_canonical'), e.first_seen_at, e.url
LIMIT 1
