-- Purpose: the runs that are kept, by how they ended.
-- Result: status, runs.
SELECT status, count(*) AS runs FROM run GROUP BY ALL ORDER BY ALL
