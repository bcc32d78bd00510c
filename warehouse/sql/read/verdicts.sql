-- Purpose: the verdicts on the articles in `batch`.
-- Result: columns named as the fields of Verdict.
SELECT
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds
FROM verdict
WHERE article_url IN (SELECT url FROM batch)
