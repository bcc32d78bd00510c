-- Purpose: publish seed as it is.
-- Result: number of rows.
INSERT INTO snapshot.seed BY NAME FROM private.seed
