-- Purpose: the seeds as their files are now; a row that says the same is not touched.
-- Result: number of rows added or changed.
INSERT INTO seed (
    slug, title, url, outlet, language, published_at, published_precision, facts, content_hash, shingle_length,
    shingle_count, fingerprint_version, run_id)
SELECT
    slug, title, url, outlet, language, published_at, published_precision, facts, content_hash, shingle_length,
    shingle_count, fingerprint_version, $run_id
FROM batch
ON CONFLICT (slug) DO UPDATE SET
    title = excluded.title,
    url = excluded.url,
    outlet = excluded.outlet,
    language = excluded.language,
    published_at = excluded.published_at,
    published_precision = excluded.published_precision,
    facts = excluded.facts,
    content_hash = excluded.content_hash,
    shingle_length = excluded.shingle_length,
    shingle_count = excluded.shingle_count,
    fingerprint_version = excluded.fingerprint_version,
    run_id = excluded.run_id
WHERE (seed.title, seed.url, seed.outlet, seed.language, seed.published_at, seed.published_precision, seed.facts,
        seed.content_hash, seed.shingle_length, seed.shingle_count, seed.fingerprint_version)
    IS DISTINCT FROM (excluded.title, excluded.url, excluded.outlet, excluded.language, excluded.published_at,
        excluded.published_precision, excluded.facts, excluded.content_hash, excluded.shingle_length,
        excluded.shingle_count, excluded.fingerprint_version)
