-- Purpose: publish the verdicts that no longer hold, without their measures.
-- Result: number of rows.
INSERT INTO snapshot.verdict_history BY NAME
SELECT * EXCLUDE (containment, resemblance, shared_shingles, similarity, lead_seconds)
FROM private.verdict_history
