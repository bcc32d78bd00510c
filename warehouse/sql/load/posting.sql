-- Purpose: store the sketches of articles. The table has no key: only articles that are not yet stored may come here.
-- Result: number of rows added.
INSERT INTO posting (hash, article_url, run_id)
SELECT hash, article_url, $run_id FROM batch
