-- Purpose: where the URLs in `batch` stand in the ledger.
-- Result: url, outcome, reason.
SELECT e.url, e.outcome, e.reason FROM entry AS e SEMI JOIN batch AS b ON b.url = e.url
