-- Purpose: slices that a backfill is to ask; one that is there already stays as it is.
-- Result: number of rows added.
INSERT INTO backfill_slice (
    source, slice, url, feed_url, depth, since_at, until_at, state, entries, new_entries, detail, attempts, asked_at,
    run_id)
SELECT
    source, slice, url, feed_url, depth, since_at, until_at, state, entries, new_entries, detail, attempts, asked_at,
    $run_id
FROM batch
ON CONFLICT (source, slice) DO NOTHING
