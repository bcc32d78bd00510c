-- Purpose: what articles are to those before them, judged again.
-- Result: number of rows added or changed.
INSERT INTO verdict (
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, run_id)
SELECT
    article_url, kind, "of", containment, resemblance, shared_shingles, containment_threshold, resemblance_threshold,
    lead_seconds, $run_id
FROM batch
ON CONFLICT (article_url) DO UPDATE SET
    kind = excluded.kind,
    "of" = excluded."of",
    containment = excluded.containment,
    resemblance = excluded.resemblance,
    shared_shingles = excluded.shared_shingles,
    containment_threshold = excluded.containment_threshold,
    resemblance_threshold = excluded.resemblance_threshold,
    lead_seconds = excluded.lead_seconds,
    run_id = excluded.run_id
