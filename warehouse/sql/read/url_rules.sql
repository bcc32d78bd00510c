-- Purpose: by which rules the canonical addresses of the ledger were made.
-- Result: digest; no row: it is not known.
SELECT digest FROM url_rule ORDER BY applied_at DESC, run_id DESC LIMIT 1
