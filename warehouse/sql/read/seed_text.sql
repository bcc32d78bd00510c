-- Purpose: the text of a seed, if it was kept.
-- Result: one row or none: text.
SELECT text FROM seed_text WHERE slug = $slug
