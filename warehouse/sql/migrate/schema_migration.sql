-- Purpose: the record of the schema's own steps; made together with step 1. Several statements.
-- Result: none.
CREATE TABLE schema_migration (
    version INTEGER PRIMARY KEY CHECK (version > 0),
    name VARCHAR NOT NULL,
    checksum VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE schema_migration IS 'Steps of the schema that were applied.';
COMMENT ON COLUMN schema_migration.version IS 'Key: number of the step, from 1.';
COMMENT ON COLUMN schema_migration.name IS 'Name of the step.';
COMMENT ON COLUMN schema_migration.checksum IS 'SHA-256 in hex of its text.';
COMMENT ON COLUMN schema_migration.applied_at IS 'When it was applied, by the clock of DuckDB.';
