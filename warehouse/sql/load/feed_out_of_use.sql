-- Purpose: what feeds.toml no longer names, or names as disabled, is no longer in use.
-- Result: number of rows changed.
UPDATE feed SET enabled = false, run_id = $run_id WHERE enabled AND url NOT IN (SELECT url FROM batch)
