-- Purpose: publish articles, without what only finding copies needs.
-- Result: number of rows.
INSERT INTO snapshot.article BY NAME
SELECT * EXCLUDE (canonical_link, shingle_length, sketch_size, fingerprint_version)
FROM private.article
