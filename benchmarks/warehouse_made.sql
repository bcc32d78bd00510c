-- Purpose: a warehouse of getvariable('articles') articles, each with a text of getvariable('words') words, over two years, newest last.
--   Three of four are on the story, every fifth of these a copy; there are half as many URLs again that came to nothing.
-- Result: none. Several statements.
INSERT INTO run (run_id, command, started_at, ended_at, status, recorded_in_prefect, detail)
VALUES ('made', 'run', '2024-01-01 00:00:00+00', '2024-01-01 00:05:00+00', 'completed', false, '');

INSERT INTO feed BY NAME
SELECT 'https://outlet-' || i || '.example/feed.xml' AS url, 'Outlet ' || i AS name, 'auto' AS kind, true AS enabled, 'made' AS run_id
FROM range(200) AS made(i);

CREATE TEMPORARY TABLE made AS
SELECT
    i,
    'https://outlet-' || (hash(i) % 200) || '.example/news/' || md5(i::VARCHAR) AS url,
    'outlet-' || (hash(i) % 200) || '.example' AS outlet,
    'Headline ' || md5(i::VARCHAR) AS title,
    TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_seconds(i * 63072000.0 / getvariable('articles')) AS seen_at,
    i % 4 <> 3 AS on_story
FROM range(getvariable('articles')) AS made(i);

INSERT INTO entry BY NAME
SELECT
    url,
    url AS canonical_url,
    'https://' || outlet || '/feed.xml' AS feed_url,
    outlet,
    seen_at AS first_seen_at,
    seen_at AS last_seen_at,
    title,
    '' AS summary,
    1 AS attempts,
    CASE WHEN on_story THEN 'loaded' ELSE 'off_story' END AS outcome,
    CASE WHEN NOT on_story THEN 'score' WHEN i % 5 = 1 THEN 'near' ELSE 'independent' END AS reason,
    '' AS detail,
    url AS article_url,
    seen_at + INTERVAL 1 MINUTE AS decided_at,
    'made' AS decided_run_id,
    'made' AS run_id
FROM made;

INSERT INTO entry BY NAME
SELECT
    url || '-off' AS url,
    url || '-off' AS canonical_url,
    'https://' || outlet || '/feed.xml' AS feed_url,
    outlet,
    seen_at AS first_seen_at,
    seen_at AS last_seen_at,
    title,
    '' AS summary,
    0 AS attempts,
    'off_story' AS outcome,
    'gate' AS reason,
    'no term of the story' AS detail,
    seen_at + INTERVAL 1 MINUTE AS decided_at,
    'made' AS decided_run_id,
    'made' AS run_id
FROM made
WHERE i % 2 = 0;

INSERT INTO decision BY NAME
SELECT url, seen_at AS decided_at, 'pending' AS outcome, 'queued' AS reason, 0 AS attempts, '' AS detail, 'made' AS run_id FROM made
UNION ALL BY NAME
SELECT url, decided_at, outcome, reason, 1 AS attempts, '' AS detail, article_url, 'made' AS run_id
FROM entry;

INSERT INTO "fetch" BY NAME
SELECT
    url, 'page' AS kind, seen_at AS fetched_at, 200 AS status, 'ok' AS reason, '' AS detail, 0.4 AS elapsed_seconds,
    60000 AS wire_bytes, 'made' AS run_id
FROM made;

INSERT INTO article BY NAME
SELECT
    url,
    url AS entry_url,
    url AS final_url,
    outlet,
    title,
    getvariable('words') AS word_count,
    seen_at AS fetched_at,
    seen_at AS first_seen_at,
    ['A. Writer'] AS authors,
    (['en', 'fr', 'hu', 'ru'])[1 + (i % 4)::INTEGER] AS language,
    seen_at - INTERVAL 10 MINUTE AS published_at,
    'minute' AS published_precision,
    'page' AS published_source,
    'made 1' AS extractor,
    md5(url) AS content_hash,
    3 AS shingle_length,
    getvariable('words') // 4 AS sketch_size,
    2 AS fingerprint_version,
    'made' AS run_id
FROM made;

INSERT INTO article_text BY NAME
SELECT
    url AS article_url,
    array_to_string(list_transform(range(getvariable('words')), lambda k: 'w' || (hash(i * 5000 + k) % 20000)), ' ') AS text,
    'made' AS run_id
FROM made;

INSERT INTO story_match BY NAME
SELECT
    url AS article_url,
    CASE WHEN on_story THEN 'core' ELSE 'off' END AS relevance,
    CASE WHEN on_story THEN 0.8 ELSE 0.1 END AS score,
    'call+place' AS rule,
    [{'group': 'leaders', 'field': 'text', 'count': 3, 'places': [{'start': 0, 'end': 5}, {'start': 90, 'end': 96}]}] AS hits,
    'made' AS story_version,
    'made' AS run_id
FROM made;

INSERT INTO article_step BY NAME SELECT url AS article_url, 'call' AS step, 'made' AS run_id FROM made WHERE i % 3 = 0;

INSERT INTO step (slug, position, happened_at, what, state, run_id)
VALUES ('call', 1, '2024-01-01 00:00:00+00', 'They call.', 'held', 'made');

INSERT INTO verdict BY NAME
SELECT
    m.url AS article_url,
    CASE WHEN m.i % 5 = 1 THEN 'near' ELSE 'independent' END AS kind,
    CASE WHEN m.i % 5 = 1 THEN o.url END AS "of",
    CASE WHEN m.i % 5 = 1 THEN 0.9 ELSE 0.1 END AS containment,
    CASE WHEN m.i % 5 = 1 THEN 0.8 ELSE 0.05 END AS resemblance,
    9 AS shared_shingles,
    0.45 AS containment_threshold,
    0.2 AS resemblance_threshold,
    'made' AS run_id
FROM made AS m
JOIN made AS o ON o.i = greatest(m.i - m.i % 20, 0)
WHERE m.on_story;

INSERT INTO sketch BY NAME
SELECT
    i::INTEGER + 1 AS sketch_id, url AS article_url, hash(i) AS content_key, seen_at AS placed_at, seen_at AS published_at,
    seen_at AS first_seen_at, getvariable('words') // 4 AS size, 'made' AS run_id
FROM made
WHERE on_story;

INSERT INTO posting BY NAME
SELECT
    (hash(i * 1000 + k) >> 34)::UINTEGER AS hash,
    floor(epoch(seen_at) / 86400)::INTEGER AS day,
    i::INTEGER + 1 AS sketch_id,
    'made' AS run_id
FROM made, range(getvariable('words') // 4) AS kept(k)
WHERE on_story;
