-- Purpose: the canonical forms in `batch` are those of the ledger's URLs from now on.
-- Result: number of rows changed.
UPDATE entry SET canonical_url = b.canonical_url FROM batch AS b WHERE b.url = entry.url
