-- Purpose: store the narrow rows of the sketches in `batch`.
-- Result: number of rows added.
INSERT INTO sketch (sketch_id, article_url, content_key, placed_at, published_at, first_seen_at, size, run_id)
SELECT sketch_id, article_url, content_key, placed_at, published_at, first_seen_at, len(hashes), $run_id
FROM batch
ON CONFLICT (sketch_id) DO NOTHING
