-- Purpose: which feeds bring articles on the story.
-- Result: name, on_story_articles, entries_in_30_days.
SELECT name, on_story_articles, entries_in_30_days
FROM feed_health
ORDER BY on_story_articles DESC, name
