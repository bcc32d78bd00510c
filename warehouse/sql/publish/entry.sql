-- Purpose: publish the ledger; the feeds' summaries are texts too.
-- Result: number of rows.
INSERT INTO snapshot.entry BY NAME
SELECT * REPLACE (CASE WHEN $publish_text THEN summary ELSE '' END AS summary) FROM private.entry
