-- Purpose: runs of rescore that began after $published_at and did not end well: what they wrote may not be published.
-- Result: one row: count.
SELECT count(*) AS count
FROM run
WHERE command = 'rescore' AND status <> 'completed' AND started_at > $published_at AND run_id <> $run_id
