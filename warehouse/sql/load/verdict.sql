-- Purpose: store what articles are to those before them.
-- Result: number of rows added.
INSERT INTO verdict (
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, similarity, similar_to, similarity_threshold, run_id)
SELECT
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, similarity, similar_to, similarity_threshold, $run_id
FROM batch
ON CONFLICT (article_url) DO NOTHING
