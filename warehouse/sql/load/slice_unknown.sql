-- Purpose: find answers to slices that were never planned: a bug, for the plan comes first.
-- Result: source, slice.
SELECT b.source, b.slice
FROM batch AS b
ANTI JOIN backfill_slice AS s ON s.source = b.source AND s.slice = b.slice
ORDER BY b.source, b.slice
