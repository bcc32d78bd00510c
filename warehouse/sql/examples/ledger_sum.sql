-- Purpose: where every discovered URL went, with its share of all.
-- Result: outcome, reason, urls, share.
SELECT outcome, reason, urls, round(urls / sum(urls) OVER (), 2) AS share
FROM ledger
ORDER BY urls DESC, outcome, reason
