-- Purpose: how many pages of each host may be fetched at a time; what a whole round over them takes follows from it.
--   The host is that of the address, as in pending.sql.
--   No wait is longer than a day: one beyond two was set by a clock that was wrong, and is over.
-- Result: host, pages; the most pages first.
SELECT regexp_extract(lower(url), '^https?://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)', 1) AS host, count(*) AS pages
FROM entry
WHERE outcome = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <= $now OR next_attempt_at > $now + INTERVAL 2 DAY)
GROUP BY host
ORDER BY pages DESC, host
