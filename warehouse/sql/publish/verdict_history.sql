-- Purpose: publish verdict_history as it is.
-- Result: number of rows.
INSERT INTO snapshot.verdict_history BY NAME FROM private.verdict_history
