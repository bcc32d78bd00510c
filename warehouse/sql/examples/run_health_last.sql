-- Purpose: the last runs: what they found, and whether the ledger adds up.
-- Result: started_at, status, discovered, fetched, loaded, failed, balanced.
SELECT started_at, status, discovered, fetched, loaded, failed, balanced
FROM run_health
LIMIT 20
