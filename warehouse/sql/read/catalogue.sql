-- Purpose: what is in the file and what it means, as its comments say: tables and views with their columns.
-- Result: relation, is_view, comment, sql (of a view, else NULL), names, types, comments of the columns in their order; tables first.
SELECT r.relation, r.is_view, r.comment, r.sql, c.names, c.types, c.comments
FROM (
    SELECT table_name AS relation, false AS is_view, comment, NULL AS sql
    FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT view_name, true, comment, sql
    FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
) AS r
JOIN (
    SELECT
        table_name,
        list(column_name ORDER BY column_index) AS names,
        list(data_type ORDER BY column_index) AS types,
        list(coalesce(comment, '') ORDER BY column_index) AS comments
    FROM duckdb_columns() WHERE NOT internal AND database_name = current_database()
    GROUP BY table_name
) AS c ON c.table_name = r.relation
ORDER BY r.is_view, r.relation
