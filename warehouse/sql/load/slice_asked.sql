-- Purpose: what came of asking the slices in `batch`; its new entries and attempts are added to what earlier asking gave.
--   What the same run asked at the same time is the same asking: it is not added twice.
-- Result: number of rows changed.
UPDATE backfill_slice SET
    state = b.state,
    entries = b.entries,
    new_entries = backfill_slice.new_entries + b.new_entries,
    detail = b.detail,
    attempts = backfill_slice.attempts + b.attempts,
    asked_at = b.asked_at,
    run_id = $run_id
FROM batch AS b
WHERE b.source = backfill_slice.source AND b.slice = backfill_slice.slice
    AND (backfill_slice.run_id, backfill_slice.asked_at) IS DISTINCT FROM ($run_id, b.asked_at)
