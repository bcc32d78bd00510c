-- Purpose: every time that a page was asked for.
-- Result: columns named as the fields of Fetch, but fetched_at.
SELECT url, kind, fetched_at, status, reason, detail, elapsed_seconds, wire_bytes, entries, new_entries
FROM "fetch"
WHERE url = $url AND kind = 'page'
ORDER BY fetched_at
