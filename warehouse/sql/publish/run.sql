-- Purpose: publish run; the run that publishes names the snapshot that it is about to make.
-- Result: number of rows.
INSERT INTO snapshot.run BY NAME
SELECT * EXCLUDE (stage_seconds, stage_cpu_seconds)
    REPLACE (CASE WHEN run_id = $run_id THEN $number ELSE published_snapshot END AS published_snapshot)
FROM private.run
