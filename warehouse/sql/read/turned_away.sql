-- Purpose: which of the canonical URLs in `batch` the ledger has turned away by the gate.
-- Result: url, canonical_url.
SELECT e.url, e.canonical_url FROM entry AS e
WHERE e.outcome = 'off_story' AND e.reason = 'gate' AND e.canonical_url IN (SELECT url FROM batch)
