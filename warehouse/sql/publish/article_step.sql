-- Purpose: publish article_step as it is.
-- Result: number of rows.
INSERT INTO snapshot.article_step BY NAME FROM private.article_step
