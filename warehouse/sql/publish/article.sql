-- Purpose: publish article as it is.
-- Result: number of rows.
INSERT INTO snapshot.article BY NAME FROM private.article
