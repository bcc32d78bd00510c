-- Purpose: publish what a backfill asked, without how it found its way.
-- Result: number of rows.
INSERT INTO snapshot.backfill_slice BY NAME
SELECT * EXCLUDE (feed_url, depth)
FROM private.backfill_slice
