-- Purpose: write all of the snapshot into its file, so that no log is left beside it, and let go of it. Several statements.
-- Result: none.
CHECKPOINT snapshot;
DETACH snapshot
