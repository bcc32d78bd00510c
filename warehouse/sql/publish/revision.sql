-- Purpose: publish revision; the earlier texts only where texts may be passed on.
-- Result: number of rows.
INSERT INTO snapshot.revision BY NAME
SELECT * EXCLUDE (old_content_hash, new_content_hash)
    REPLACE (CASE WHEN $publish_text THEN old_text END AS old_text)
FROM private.revision
