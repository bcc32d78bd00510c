-- Purpose: which languages the story reached, when, and with whom first.
-- Result: language, articles, independent, outlets, first_published_at, first_outlet.
SELECT language, articles, independent, outlets, first_published_at, first_outlet
FROM language_summary
ORDER BY first_published_at NULLS LAST, language
