-- Purpose: store the texts of articles.
-- Result: number of rows added.
INSERT INTO article_text (article_url, text, run_id)
SELECT article_url, text, $run_id FROM batch
ON CONFLICT (article_url) DO NOTHING
