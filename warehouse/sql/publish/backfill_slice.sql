-- Purpose: publish backfill_slice as it is.
-- Result: number of rows.
INSERT INTO snapshot.backfill_slice BY NAME FROM private.backfill_slice
