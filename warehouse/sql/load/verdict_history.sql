-- Purpose: keep the verdicts that those in `batch` will take the place of.
-- Result: number of rows added.
INSERT INTO verdict_history (
    article_url, revision, kind, "of", containment, resemblance, shared_shingles, similarity, lead_seconds,
    superseded_at, superseded_run_id, run_id)
SELECT
    v.article_url, 1 + (SELECT count(*) FROM verdict_history AS h WHERE h.article_url = v.article_url),
    v.kind, v."of", v.containment, v.resemblance, v.shared_shingles, v.similarity, v.lead_seconds,
    $at, $run_id, v.run_id
FROM verdict AS v
SEMI JOIN batch AS b ON b.article_url = v.article_url
