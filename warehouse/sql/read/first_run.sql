-- Purpose: when the first run began.
-- Result: one row: started_at; NULL where none was made.
SELECT min(started_at) AS started_at FROM run
