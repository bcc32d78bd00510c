-- Purpose: keep what articles were before their pages were read again.
-- Result: number of rows added.
INSERT INTO revision (
    article_url, run_id, fetched_at, revised_at, cause, changed, old_title, new_title, old_text, words_added_share,
    words_removed_share, old_content_hash, new_content_hash, old_extractor, new_extractor, old_fetched_at)
SELECT
    article_url, $run_id, fetched_at, revised_at, cause, changed, old_title, new_title, old_text, words_added_share,
    words_removed_share, old_content_hash, new_content_hash, old_extractor, new_extractor, old_fetched_at
FROM batch
ON CONFLICT (article_url, run_id, fetched_at) DO NOTHING
