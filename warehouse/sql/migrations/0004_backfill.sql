-- Purpose: what a backfill has asked, slice by slice, so that it goes on where it was stopped and people see the holes.
-- Result: none. Several statements.

CREATE TABLE backfill_slice (
    source VARCHAR CHECK (source <> ''),
    slice VARCHAR CHECK (slice <> ''),
    url VARCHAR,
    feed_url VARCHAR NOT NULL,
    depth INTEGER NOT NULL CHECK (depth >= 0),
    since_at TIMESTAMPTZ,
    until_at TIMESTAMPTZ CHECK (until_at IS NULL OR since_at IS NULL OR until_at > since_at),
    state VARCHAR NOT NULL CHECK (state IN ('pending', 'found', 'empty', 'blocked', 'error')),
    entries INTEGER NOT NULL CHECK (entries >= 0),
    new_entries INTEGER NOT NULL CHECK (new_entries >= 0),
    detail VARCHAR NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    asked_at TIMESTAMPTZ,
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (source, slice)
);
COMMENT ON TABLE backfill_slice IS 'One row per piece of a backfill: a sitemap, a search for some days, a range of lines or records of a file. Written in one transaction with the addresses that it showed.';
COMMENT ON COLUMN backfill_slice.source IS 'Who was asked, as storywatch backfill --source names it. Key, with slice.';
COMMENT ON COLUMN backfill_slice.slice IS 'What was asked of it: an address with the time asked about, lines or records of a file.';
COMMENT ON COLUMN backfill_slice.url IS 'Address asked; NULL: a file on the machine of the backfill.';
COMMENT ON COLUMN backfill_slice.feed_url IS 'What the addresses that it showed have as their feed_url.';
COMMENT ON COLUMN backfill_slice.depth IS 'Sitemap indexes on the way to it.';
COMMENT ON COLUMN backfill_slice.since_at IS 'Start of the time asked about; NULL: any.';
COMMENT ON COLUMN backfill_slice.until_at IS 'End of the time asked about, not included; NULL: any.';
COMMENT ON COLUMN backfill_slice.state IS 'pending (not asked yet), found, empty (answered, nothing for that time), blocked (refused, or asked too often), error.';
COMMENT ON COLUMN backfill_slice.entries IS 'Addresses within that time in the last answer; of an index: sitemaps that may have some.';
COMMENT ON COLUMN backfill_slice.new_entries IS 'Addresses that the ledger did not have, over all answers.';
COMMENT ON COLUMN backfill_slice.detail IS 'For people; empty: nothing to say.';
COMMENT ON COLUMN backfill_slice.attempts IS 'Times asked.';
COMMENT ON COLUMN backfill_slice.asked_at IS 'When it was last asked; NULL: never.';
COMMENT ON COLUMN backfill_slice.run_id IS 'Run that asked it last, or planned it.';

CREATE VIEW backfill AS
SELECT source, slice, since_at, until_at, state, entries, new_entries, attempts, asked_at, detail, url, run_id
FROM backfill_slice
ORDER BY since_at NULLS LAST, source, slice;
COMMENT ON VIEW backfill IS 'One row per piece of a backfill, oldest time first: what is neither found nor empty is a hole, and is asked again by the same call.';
COMMENT ON COLUMN backfill.source IS 'Who was asked, as storywatch backfill --source names it.';
COMMENT ON COLUMN backfill.slice IS 'What was asked of it; unique within its source.';
COMMENT ON COLUMN backfill.since_at IS 'Start of the time asked about; NULL: any.';
COMMENT ON COLUMN backfill.until_at IS 'End of the time asked about, not included; NULL: any.';
COMMENT ON COLUMN backfill.state IS 'pending (not asked yet), found, empty (answered, nothing for that time), blocked (refused, or asked too often), error.';
COMMENT ON COLUMN backfill.entries IS 'Addresses within that time in the last answer; of an index: sitemaps that may have some.';
COMMENT ON COLUMN backfill.new_entries IS 'Addresses that the ledger did not have, over all answers.';
COMMENT ON COLUMN backfill.attempts IS 'Times asked.';
COMMENT ON COLUMN backfill.asked_at IS 'When it was last asked; NULL: never.';
COMMENT ON COLUMN backfill.detail IS 'For people; empty: nothing to say.';
COMMENT ON COLUMN backfill.url IS 'Address asked; NULL: a file on the machine of the backfill.';
COMMENT ON COLUMN backfill.run_id IS 'Run that asked it last, or planned it.';
