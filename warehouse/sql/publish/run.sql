-- Purpose: publish run as it is.
-- Result: number of rows.
INSERT INTO snapshot.run BY NAME FROM private.run
