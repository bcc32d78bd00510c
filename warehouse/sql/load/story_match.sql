-- Purpose: store how articles stand to the story.
-- Result: number of rows added.
INSERT INTO story_match (article_url, relevance, score, rule, hits, story_version, run_id)
SELECT article_url, relevance, score, rule, hits, story_version, $run_id FROM batch
ON CONFLICT (article_url) DO NOTHING
