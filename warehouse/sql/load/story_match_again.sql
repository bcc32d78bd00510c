-- Purpose: how stored articles stand to the story, decided again.
-- Result: number of rows changed.
UPDATE story_match SET
    relevance = b.relevance,
    score = b.score,
    rule = b.rule,
    hits = b.hits,
    story_version = b.story_version,
    run_id = $run_id
FROM batch AS b
WHERE b.article_url = story_match.article_url
