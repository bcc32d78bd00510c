-- Purpose: publish step as it is.
-- Result: number of rows.
INSERT INTO snapshot.step BY NAME FROM private.step
