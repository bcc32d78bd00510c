-- Purpose: a sketch by its number: a lookup by key, which a store of a million answers as fast as a small one.
-- Result: one row: url, published_at, first_seen_at.
SELECT article_url AS url, published_at, first_seen_at FROM sketch WHERE sketch_id = $sketch_id
