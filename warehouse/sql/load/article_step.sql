-- Purpose: store which steps of the story articles report.
-- Result: number of rows added.
INSERT INTO article_step (article_url, step, run_id)
SELECT article_url, step, $run_id FROM batch
ON CONFLICT (article_url, step) DO NOTHING
