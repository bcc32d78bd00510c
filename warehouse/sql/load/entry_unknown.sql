-- Purpose: find decisions on URLs that the ledger does not have: a bug, for the ledger comes first.
-- Result: url.
SELECT DISTINCT b.url FROM batch AS b ANTI JOIN entry AS e ON e.url = b.url ORDER BY b.url
