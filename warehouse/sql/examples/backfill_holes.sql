-- Purpose: what a backfill has not got yet; the same call asks just these again.
-- Result: source, slice, state, attempts, detail.
SELECT source, slice, state, attempts, detail
FROM backfill
WHERE state NOT IN ('found', 'empty')
ORDER BY source, slice
