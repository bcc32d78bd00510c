-- Purpose: all addresses of the ledger with their canonical forms.
-- Result: url, canonical_url.
SELECT url, canonical_url FROM entry
