-- Purpose: publish decision as it is.
-- Result: number of rows.
INSERT INTO snapshot.decision BY NAME FROM private.decision
