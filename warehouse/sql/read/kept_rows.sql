-- Purpose: rows of the tables from which nothing is ever deleted; fewer than the last commit left mean that its log was lost.
-- Result: relation, row_count. Exchanges with feeds are not counted: maintenance forgets old ones.
SELECT 'run' AS relation, count(*) AS row_count FROM run
UNION ALL SELECT 'entry', count(*) FROM entry
UNION ALL SELECT 'decision', count(*) FROM decision
UNION ALL SELECT 'fetch of a page', count(*) FROM "fetch" WHERE kind = 'page'
UNION ALL SELECT 'revision', count(*) FROM revision
