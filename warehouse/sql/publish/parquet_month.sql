-- Purpose: write the articles first seen in the month (of UTC) that begins at $since_at to the file $path.
-- Result: number of rows.
COPY (
    SELECT * FROM article_all
    WHERE first_seen_at >= $since_at AND first_seen_at < $since_at + INTERVAL 1 MONTH
    ORDER BY first_seen_at, url
) TO $path (FORMAT parquet, COMPRESSION zstd)
