-- Purpose: a digest per table of what readers come for; compared with that of a manifest, it says whether a new snapshot would show
--   anything else, be it new, gone or changed in place. Of a revision, which never changes, its key is enough; a text never
--   changes without its article's run_id or extractor.
-- Result: relation, digest (16 hex digits; zeros: no rows).
SELECT 'article' AS relation, format('{:016x}', coalesce(bit_xor(hash(t)), 0)) AS digest FROM article AS t
UNION ALL SELECT 'story_match', format('{:016x}', coalesce(bit_xor(hash(t)), 0)) FROM story_match AS t
UNION ALL SELECT 'article_step', format('{:016x}', coalesce(bit_xor(hash(t)), 0)) FROM article_step AS t
UNION ALL SELECT 'step', format('{:016x}', coalesce(bit_xor(hash(t)), 0)) FROM step AS t
UNION ALL SELECT 'verdict', format('{:016x}', coalesce(bit_xor(hash(t)), 0)) FROM verdict AS t
UNION ALL SELECT 'revision', format('{:016x}', coalesce(bit_xor(hash(t)), 0))
    FROM (SELECT article_url, run_id, fetched_at FROM revision) AS t
UNION ALL SELECT 'seed', format('{:016x}', coalesce(bit_xor(hash(t)), 0)) FROM seed AS t
