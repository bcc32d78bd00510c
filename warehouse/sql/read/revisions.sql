-- Purpose: what an article was before, each time that its page was read again.
-- Result: columns named as the fields of Revision; the oldest first.
SELECT
    article_url, fetched_at, revised_at, cause, changed, old_title, new_title, old_text, words_added_share,
    words_removed_share, old_content_hash, new_content_hash, old_extractor, new_extractor, old_fetched_at
FROM revision
WHERE article_url = $article_url
ORDER BY revised_at, fetched_at
