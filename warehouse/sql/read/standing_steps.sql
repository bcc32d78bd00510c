-- Purpose: the steps of the story that an article reports, with the article that told each first.
-- Result: slug, what, url, title, outlet, language, published_at, is_older (an article of another run reports it, too), in the
--   order of the story.
SELECT
    s.step AS slug,
    s.what,
    s.first_url AS url,
    s.first_title AS title,
    s.first_outlet AS outlet,
    a.language,
    s.first_published_at AS published_at,
    EXISTS (SELECT 1 FROM article_step AS t WHERE t.step = s.step AND t.run_id <> $run_id) AS is_older
FROM story_step AS s
JOIN article AS a ON a.url = s.first_url
ORDER BY s.happened_at, s.step
