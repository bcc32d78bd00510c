-- Purpose: steps that story.toml no longer names.
-- Result: number of rows removed.
DELETE FROM step WHERE slug NOT IN (SELECT slug FROM batch)
