-- Purpose: publish feed as it is.
-- Result: number of rows.
INSERT INTO snapshot.feed BY NAME FROM private.feed
