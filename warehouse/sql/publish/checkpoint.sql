-- Purpose: write all of the private file's log into it, so that the file alone is everything.
-- Result: none.
CHECKPOINT
