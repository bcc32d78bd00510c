-- Purpose: rows that can't be there without others, and others that can't be missing: none, in a warehouse that is whole.
-- Result: what, orphans (number of rows), example (a key of one of them); one row per kind that there is.
SELECT what, count(*) AS orphans, min(key) AS example
FROM (
    SELECT 'articles without a text' AS what, url AS key FROM article ANTI JOIN article_text ON article_url = url
    UNION ALL
    SELECT 'texts without an article', article_url FROM article_text ANTI JOIN article ON url = article_url
    UNION ALL
    SELECT 'articles that nothing says how they stand to the story', url
    FROM article ANTI JOIN story_match ON article_url = url
    UNION ALL
    SELECT 'matches with the story without an article', article_url FROM story_match ANTI JOIN article ON url = article_url
    UNION ALL
    SELECT 'articles on the story without a verdict', m.article_url
    FROM story_match AS m ANTI JOIN verdict AS v ON v.article_url = m.article_url
    WHERE m.relevance <> 'off'
    UNION ALL
    SELECT 'verdicts of articles off the story, or of none', v.article_url
    FROM verdict AS v ANTI JOIN (SELECT article_url FROM story_match WHERE relevance <> 'off') AS m
        ON m.article_url = v.article_url
    UNION ALL
    SELECT 'verdicts that name an original that is not there', v.article_url
    FROM verdict AS v
    LEFT JOIN article AS a ON a.url = v."of"
    LEFT JOIN seed AS s ON 'seed:' || s.slug = v."of"
    WHERE v."of" IS NOT NULL AND a.url IS NULL AND s.slug IS NULL
    UNION ALL
    SELECT 'articles that no URL of the ledger led to', a.url FROM article AS a ANTI JOIN entry AS e ON e.url = a.entry_url
    UNION ALL
    SELECT 'URLs that led to an article that is not there', e.url
    FROM entry AS e ANTI JOIN article AS a ON a.url = e.article_url
    WHERE e.outcome = 'loaded'
    UNION ALL
    SELECT 'URLs whose outcome is not in their history', e.url
    FROM entry AS e
    ANTI JOIN decision AS d
        ON d.url = e.url AND d.decided_at = e.decided_at AND d.outcome = e.outcome AND d.reason = e.reason
    UNION ALL
    SELECT 'decisions on URLs that the ledger does not have', d.url FROM decision AS d ANTI JOIN entry AS e ON e.url = d.url
    UNION ALL
    SELECT 'reports of steps without an article', s.article_url
    FROM article_step AS s ANTI JOIN article AS a ON a.url = s.article_url
    UNION ALL
    SELECT 'sketches without an article', s.article_url FROM sketch AS s ANTI JOIN article AS a ON a.url = s.article_url
    UNION ALL
    SELECT 'hashes without a sketch', p.sketch_id::VARCHAR FROM posting AS p ANTI JOIN sketch AS s ON s.sketch_id = p.sketch_id
)
GROUP BY what
ORDER BY what
