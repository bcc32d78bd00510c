-- Purpose: ledger entries whose outcome came of reading their page; $url NULL: all of them.
-- Result: columns named as the fields of Entry; article_fetched_at of their own article, NULL: none; other_urls, under
--   which its page may have been fetched as well.
SELECT
    e.url, e.canonical_url, e.feed_url, e.outlet, e.first_seen_at, e.title, e.summary, e.guid, e.language,
    e.published_at, e.published_precision, e.published_raw, e.attempts, a.fetched_at AS article_fetched_at,
    coalesce(o.urls, []) AS other_urls
FROM entry AS e
LEFT JOIN article AS a ON a.entry_url = e.url
LEFT JOIN (
    SELECT article_url, list(url ORDER BY url) AS urls FROM entry WHERE reason = 'same_guid' GROUP BY article_url
) AS o ON o.article_url = a.url
WHERE (a.url IS NOT NULL OR e.outcome IN ('loaded', 'not_article') OR (e.outcome = 'off_story' AND e.reason = 'score')
        OR e.reason IN ('extraction_lost', 'extraction_killed'))
    AND ($url::VARCHAR IS NULL OR e.url = $url OR e.canonical_url = $url OR a.url = $url)
ORDER BY e.url
