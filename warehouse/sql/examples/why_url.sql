-- Purpose: the whole way of one URL, event by event; put your own in place of this one.
-- Result: happened_at, event, outcome, reason, detail.
SELECT happened_at, event, outcome, reason, detail
FROM why
WHERE url = 'https://gazette.example/call'
ORDER BY happened_at, step
