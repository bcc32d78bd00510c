-- Purpose: sketches that the articles fingerprinted in `batch` are to be held against: those of the same words, from
--   the whole store, and those at most $window_seconds apart (NULL: all) that share enough hashes: a tenth of the smaller
--   sketch and at least 2, of sketches below 11 hashes 1 (extractors/candidates.py says the same for texts in memory).
--   Only postings of the days from $first_day to $last_day are read. A hash that more than 1,000 of them carry is
--   boilerplate, and left out.
-- Result: asked_url, sketch_id.
WITH probe AS (
    SELECT article_url AS asked_url, unnest(hashes) AS hash FROM batch
),
hit AS (
    SELECT p.asked_url, k.sketch_id
    FROM probe AS p
    JOIN posting AS k ON k.hash = p.hash
    WHERE k.day BETWEEN $first_day AND $last_day
    QUALIFY count(*) OVER (PARTITION BY p.asked_url, p.hash) <= 1000
),
shared AS (
    SELECT asked_url, sketch_id, count(*) AS hashes FROM hit GROUP BY asked_url, sketch_id
)
SELECT h.asked_url, h.sketch_id
FROM shared AS h
JOIN batch AS b ON b.article_url = h.asked_url
JOIN sketch AS s ON s.sketch_id = h.sketch_id
WHERE h.hashes >= greatest(
        CASE WHEN least(len(b.hashes), s.size) < 11 THEN 1 ELSE 2 END, 0.1 * least(len(b.hashes), s.size))
    AND ($window_seconds::DOUBLE IS NULL
        OR abs(date_diff('microsecond', s.placed_at, b.placed_at)) <= $window_seconds::DOUBLE * 1000000)
UNION
SELECT b.article_url, s.sketch_id
FROM batch AS b
JOIN sketch AS s ON s.content_key = b.content_key
