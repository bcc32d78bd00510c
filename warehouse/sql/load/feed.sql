-- Purpose: the sources as feeds.toml names them now; a row that says the same is not touched.
-- Result: number of rows added or changed.
INSERT INTO feed (url, name, outlet, language, kind, enabled, run_id)
SELECT url, name, outlet, language, kind, enabled, $run_id FROM batch
ON CONFLICT (url) DO UPDATE SET
    name = excluded.name,
    outlet = excluded.outlet,
    language = excluded.language,
    kind = excluded.kind,
    enabled = excluded.enabled,
    run_id = excluded.run_id
WHERE (feed.name, feed.outlet, feed.language, feed.kind, feed.enabled)
    IS DISTINCT FROM (excluded.name, excluded.outlet, excluded.language, excluded.kind, excluded.enabled)
