-- Purpose: keep how the articles in `batch` stood to the story, where that is about to change.
-- Result: number of rows added.
INSERT INTO story_match_history (article_url, replaced_at, relevance, score, rule, story_version, run_id)
SELECT m.article_url, $replaced_at, m.relevance, m.score, m.rule, m.story_version, m.run_id
FROM story_match AS m
JOIN batch AS b ON b.article_url = m.article_url
WHERE (m.relevance, m.score, m.rule) IS DISTINCT FROM (b.relevance, b.score, b.rule)
ON CONFLICT (article_url, replaced_at) DO NOTHING
