-- Purpose: give the snapshot the tables, views and comments of the private file, then drop what no view needs.
--   Several statements. One source for both: what the private file says of a column, the snapshot says too.
-- Result: none.
COPY FROM DATABASE private TO snapshot (SCHEMA);
DROP TABLE snapshot.posting;
DROP TABLE snapshot.sketch;
DROP TABLE snapshot.seed_text;
DROP TABLE snapshot.url_rule;
DROP TABLE snapshot.schema_migration
