-- Purpose: exchanges with servers; one that is already noted changes nothing.
-- Result: number of rows added.
INSERT INTO "fetch" (
    url, kind, fetched_at, status, reason, detail, elapsed_seconds, wire_bytes, entries, new_entries, run_id)
SELECT url, kind, fetched_at, status, reason, detail, elapsed_seconds, wire_bytes, entries, new_entries, $run_id
FROM batch
ON CONFLICT (url, kind, fetched_at) DO NOTHING
