-- Purpose: make the file to be published, in a storage that DuckDB clients from 1.4 on can open.
-- Result: none.
ATTACH $path AS snapshot (STORAGE_VERSION 'v1.2.0')
