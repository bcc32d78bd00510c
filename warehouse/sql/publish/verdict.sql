-- Purpose: publish verdict as it is.
-- Result: number of rows.
INSERT INTO snapshot.verdict BY NAME FROM private.verdict
