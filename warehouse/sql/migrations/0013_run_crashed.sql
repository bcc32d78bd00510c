-- Purpose: a run that was killed is told from one that is under way; a CHECK can't be altered, so the table is made anew.
-- Result: the table run with the same rows.

CREATE TEMPORARY TABLE run_before AS SELECT * FROM run;
DROP TABLE run;
CREATE TABLE run (
    run_id VARCHAR PRIMARY KEY CHECK (run_id <> ''),
    command VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    status VARCHAR NOT NULL CHECK (status IN ('running', 'completed', 'interrupted', 'failed', 'crashed')),
    feeds_polled INTEGER CHECK (feeds_polled >= 0),
    feeds_unchanged INTEGER CHECK (feeds_unchanged >= 0),
    feeds_failed INTEGER CHECK (feeds_failed >= 0),
    discovered INTEGER CHECK (discovered >= 0),
    fetched INTEGER CHECK (fetched >= 0),
    outcomes MAP(VARCHAR, MAP(VARCHAR, BIGINT)),
    ledger_discovered BIGINT CHECK (ledger_discovered >= 0),
    ledger_outcomes MAP(VARCHAR, BIGINT),
    published_snapshot INTEGER,
    recorded_in_prefect BOOLEAN NOT NULL,
    stage_seconds MAP(VARCHAR, DOUBLE),
    stage_cpu_seconds MAP(VARCHAR, DOUBLE),
    detail VARCHAR NOT NULL,
    CHECK ((status IN ('running', 'crashed')) = (ended_at IS NULL))
);
COMMENT ON TABLE run IS 'One row per run of a flow. Counts are NULL until it ends; they are of this run unless they say ledger.';
COMMENT ON COLUMN run.run_id IS 'Key. Every other table says by it which run wrote a row.';
COMMENT ON COLUMN run.command IS 'What started it, such as "run" or "demo".';
COMMENT ON COLUMN run.started_at IS 'When it began.';
COMMENT ON COLUMN run.ended_at IS 'When it ended; NULL while it runs, and for ever if it crashed: nobody was there to note it.';
COMMENT ON COLUMN run.status IS 'running, completed, interrupted, failed, or crashed: its process was killed, which the next run noted.';
COMMENT ON COLUMN run.feeds_polled IS 'Feeds asked.';
COMMENT ON COLUMN run.feeds_unchanged IS 'Feeds that had nothing new to say (304, or the same body).';
COMMENT ON COLUMN run.feeds_failed IS 'Feeds that gave no entries for an error.';
COMMENT ON COLUMN run.discovered IS 'URLs that the ledger did not have before.';
COMMENT ON COLUMN run.fetched IS 'Pages asked for.';
COMMENT ON COLUMN run.outcomes IS 'outcome -> reason -> number of URLs discovered or decided in this run.';
COMMENT ON COLUMN run.ledger_discovered IS 'URLs in the ledger at its end.';
COMMENT ON COLUMN run.ledger_outcomes IS 'outcome -> URLs in the ledger at its end; sums to ledger_discovered.';
COMMENT ON COLUMN run.published_snapshot IS 'Number of the snapshot that it published; NULL: none.';
COMMENT ON COLUMN run.recorded_in_prefect IS 'Whether Prefect has a record of it.';
COMMENT ON COLUMN run.stage_seconds IS 'stage -> wall time in seconds.';
COMMENT ON COLUMN run.stage_cpu_seconds IS 'stage -> CPU time in seconds.';
COMMENT ON COLUMN run.detail IS 'For people; empty: nothing to say.';
INSERT INTO run BY NAME SELECT * FROM run_before;
DROP TABLE run_before;
COMMENT ON COLUMN run_health.status IS 'running, completed, interrupted, failed, or crashed: its process was killed, which the next run noted.';
COMMENT ON COLUMN run_health.ended_at IS 'When it ended; NULL while it runs, and for ever if it crashed: nobody was there to note it.';
