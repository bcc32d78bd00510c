-- Purpose: rows of what readers come for; compared with a manifest, they say whether a new snapshot would show anything new.
-- Result: relation, row_count.
SELECT 'article' AS relation, count(*) AS row_count FROM article
UNION ALL SELECT 'story_match', count(*) FROM story_match
UNION ALL SELECT 'verdict', count(*) FROM verdict
UNION ALL SELECT 'revision', count(*) FROM revision
UNION ALL SELECT 'seed', count(*) FROM seed
