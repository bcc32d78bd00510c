-- Purpose: the steps that were applied.
-- Result: version, name, checksum; in order.
SELECT version, name, checksum FROM schema_migration ORDER BY version
