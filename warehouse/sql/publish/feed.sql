-- Purpose: publish the feeds, without how they are read.
-- Result: number of rows.
INSERT INTO snapshot.feed BY NAME
SELECT * EXCLUDE (outlet, kind)
FROM private.feed
