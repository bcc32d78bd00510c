-- Purpose: articles whose headline was changed after publication.
-- Result: revised_at, outlet, old_title, new_title.
SELECT revised_at, outlet, old_title, new_title
FROM revision_history
WHERE cause = 'refetch' AND has_new_title
ORDER BY revised_at, article_url
