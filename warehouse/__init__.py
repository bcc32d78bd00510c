"""The warehouse room: DuckDB tables for the flows, one published file for everyone else.

It is the only package that imports duckdb and pyarrow; of extractors it sees records and errors alone. Its doors:

    connect  where the files are, who may open them, and how        migrate  the schema, step by step
    load     records -> tables, inside a writer's transaction       read     tables -> records and reports
    publish  the private file -> an immutable snapshot              sql/     every statement that is run
"""
