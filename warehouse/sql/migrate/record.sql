-- Purpose: note a step as applied.
-- Result: number of rows, 1.
INSERT INTO schema_migration VALUES ($version, $name, $checksum, now())
