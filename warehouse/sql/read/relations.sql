-- Purpose: what a person can ask, to say so when a name is wrong.
-- Result: name of every view.
SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database() ORDER BY view_name
