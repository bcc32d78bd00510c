-- Purpose: note by which rules the canonical addresses of the ledger are made from now on.
-- Result: number of rows added.
INSERT INTO url_rule (run_id, digest, applied_at, changed) VALUES ($run_id, $digest, $applied_at, $changed)
ON CONFLICT (run_id) DO UPDATE SET digest = excluded.digest, applied_at = excluded.applied_at, changed = excluded.changed
