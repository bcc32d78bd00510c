-- Purpose: the months of first_seen_at that a snapshot has articles of, each with a digest that is another one when a row is. A text
--   and its beginning are left out of it: they never change without run_id, content_hash, fetched_at or extractor.
-- Result: month (such as 2025-10), since_at (its beginning, in UTC), row_count, digest (16 hex digits).
SELECT
    strftime(since_at, '%Y-%m') AS month,
    since_at,
    count(*) AS row_count,
    format('{:016x}', bit_xor(hash(a))) AS digest
FROM (SELECT * EXCLUDE (lead, text), date_trunc('month', first_seen_at) AS since_at FROM article_all) AS a
GROUP BY since_at
ORDER BY since_at
