-- Purpose: publish the seeds as far as verdicts name them.
-- Result: number of rows.
INSERT INTO snapshot.seed BY NAME
SELECT * EXCLUDE (
    url, published_precision, facts, content_hash, shingle_length, shingle_count, fingerprint_version)
FROM private.seed
