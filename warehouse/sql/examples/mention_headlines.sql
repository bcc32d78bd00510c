-- Purpose: who makes the headlines: articles that mention a name, and how many have it in the headline.
-- Result: name, articles, headlines, headline_share.
SELECT
    name,
    sum(articles)::BIGINT AS articles,
    sum(headlines)::BIGINT AS headlines,
    round(sum(headlines) / sum(articles), 2) AS headline_share
FROM mention
GROUP BY name
ORDER BY articles DESC, name
