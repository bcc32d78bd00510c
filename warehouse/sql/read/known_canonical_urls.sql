-- Purpose: which of the canonical URLs in `batch` the ledger has, under whatever spelling.
-- Result: url.
SELECT b.url FROM batch AS b SEMI JOIN entry AS e ON e.canonical_url = b.url
