-- Purpose: where the URLs of the ledger stand.
-- Result: outcome, reason, urls.
SELECT outcome, reason, count(*) AS urls FROM entry GROUP BY ALL ORDER BY ALL
