-- Purpose: put the verdicts in `batch` (one per article) in the place of those that hold; one that says the same is not touched.
-- Result: number of rows changed.
UPDATE verdict SET
    kind = b.kind,
    "of" = b."of",
    containment = b.containment,
    resemblance = b.resemblance,
    shared_shingles = b.shared_shingles,
    containment_threshold = b.containment_threshold,
    resemblance_threshold = b.resemblance_threshold,
    lead_seconds = b.lead_seconds,
    similarity = b.similarity,
    similar_to = b.similar_to,
    similarity_threshold = b.similarity_threshold,
    run_id = $run_id
FROM batch AS b
WHERE b.article_url = verdict.article_url
    AND (verdict.kind, verdict."of", verdict.containment, verdict.resemblance, verdict.shared_shingles,
        verdict.containment_threshold, verdict.resemblance_threshold, verdict.lead_seconds, verdict.similarity,
        verdict.similar_to, verdict.similarity_threshold)
    IS DISTINCT FROM (b.kind, b."of", b.containment, b.resemblance, b.shared_shingles, b.containment_threshold,
        b.resemblance_threshold, b.lead_seconds, b.similarity, b.similar_to, b.similarity_threshold)
