-- Purpose: keep the verdicts that those in `batch` (one per article) will take the place of, where they differ.
-- Result: number of rows added.
INSERT INTO verdict_history (
    article_url, revision, kind, "of", containment, resemblance, shared_shingles, similarity, lead_seconds,
    superseded_at, superseded_run_id, run_id)
SELECT
    v.article_url, 1 + (SELECT count(*) FROM verdict_history AS h WHERE h.article_url = v.article_url),
    v.kind, v."of", v.containment, v.resemblance, v.shared_shingles, v.similarity, v.lead_seconds,
    $at, $run_id, v.run_id
FROM verdict AS v
JOIN batch AS b ON b.article_url = v.article_url
WHERE (v.kind, v."of", v.containment, v.resemblance, v.shared_shingles, v.containment_threshold,
        v.resemblance_threshold, v.lead_seconds, v.similarity, v.similar_to, v.similarity_threshold)
    IS DISTINCT FROM (b.kind, b."of", b.containment, b.resemblance, b.shared_shingles, b.containment_threshold,
        b.resemblance_threshold, b.lead_seconds, b.similarity, b.similar_to, b.similarity_threshold)
