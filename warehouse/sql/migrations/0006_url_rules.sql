-- Purpose: by which rules the canonical addresses of the ledger were made, so that they are made anew when the rules change.
-- Result: none. Several statements.

CREATE TABLE url_rules (
    run_id VARCHAR PRIMARY KEY CHECK (run_id <> ''),
    digest VARCHAR NOT NULL CHECK (digest <> ''),
    applied_at TIMESTAMPTZ NOT NULL,
    changed BIGINT NOT NULL CHECK (changed >= 0)
);
COMMENT ON TABLE url_rules IS 'By which rules for addresses entry.canonical_url was made; the last row counts.';
COMMENT ON COLUMN url_rules.run_id IS 'Key: the run that first met these rules.';
COMMENT ON COLUMN url_rules.digest IS 'Digest of the rules, as storywatch knows them.';
COMMENT ON COLUMN url_rules.applied_at IS 'When the ledger was brought to these rules.';
COMMENT ON COLUMN url_rules.changed IS 'URLs that got another canonical address by it.';
