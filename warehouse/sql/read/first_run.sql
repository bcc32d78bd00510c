-- Purpose: when the warehouse began to watch.
-- Result: started_at; one row, NULL: never.
SELECT min(started_at) AS started_at FROM run
