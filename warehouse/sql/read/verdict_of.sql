-- Purpose: the verdict that holds of an article, with the ledger entry that led to it: lookups by key.
-- Result: one row or none; columns named as the fields of Verdict, and entry_url.
SELECT
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, similarity, similar_to, similarity_threshold,
    (SELECT entry_url FROM article WHERE url = $url) AS entry_url
FROM verdict
WHERE article_url = $url
