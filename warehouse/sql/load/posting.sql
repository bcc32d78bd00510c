-- Purpose: store the hashes of the sketches in `batch`, whose rows in sketch are stored already. The table has no key:
--   only articles that have no sketch yet may come here.
-- Result: number of rows added.
INSERT INTO posting (hash, day, sketch_id, run_id)
SELECT unnest(b.hashes), floor(epoch(b.placed_at) / 86400)::INTEGER, b.sketch_id, $run_id
FROM batch AS b
