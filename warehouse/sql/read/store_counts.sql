-- Purpose: how much is stored.
-- Result: one row: feeds in use, articles, articles on the story, independent ones.
SELECT
    (SELECT count(*) FROM feed WHERE enabled) AS feeds,
    (SELECT count(*) FROM article) AS articles,
    (SELECT count(*) FROM verdict) AS on_story,
    (SELECT count(*) FROM coverage) AS independent
