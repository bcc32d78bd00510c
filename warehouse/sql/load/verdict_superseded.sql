-- Purpose: put the verdicts in `batch` in the place of those that hold.
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
