-- Purpose: where all discovered URLs stand.
-- Result: outcome, urls.
SELECT outcome, count(*) AS urls FROM entry GROUP BY outcome ORDER BY outcome
