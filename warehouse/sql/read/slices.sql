-- Purpose: every slice of every backfill.
-- Result: columns named as the fields of Slice.
SELECT
    source, slice, url, feed_url, depth, since_at, until_at, state, entries, new_entries, detail, attempts, asked_at
FROM backfill_slice
ORDER BY source, since_at NULLS LAST, slice
