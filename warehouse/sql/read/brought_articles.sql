-- Purpose: the articles on the story that a run stored, core ones first, of these independent ones first.
-- Result: url, entry_url, title, outlet, language, published_at, relevance, score, verdict, verdict_of, verdict_of_title, feed_name.
SELECT
    url, entry_url, title, outlet, language, published_at, relevance, score, verdict, verdict_of, verdict_of_title, feed_name
FROM article_all
WHERE run_id = $run_id AND relevance <> 'off' AND verdict IS NOT NULL
ORDER BY relevance = 'core' DESC, verdict = 'independent' DESC, published_at NULLS LAST, url
