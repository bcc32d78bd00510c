-- Purpose: the views, which are the public interface: they change by addition only. They use nothing that DuckDB 1.4 lacks.
-- Result: article_all, coverage, ledger, run_health, why.

CREATE VIEW article_all AS
SELECT
    a.url,
    a.outlet,
    a.language,
    a.title,
    a.authors,
    a.published_at,
    a.published_precision,
    a.published_source,
    a.first_seen_at,
    a.fetched_at,
    m.relevance,
    m.score,
    m.rule,
    m.hits,
    v.kind AS verdict,
    v."of" AS verdict_of,
    coalesce(s.title, o.title) AS verdict_of_title,
    v.containment,
    v.resemblance,
    v.shared_shingles,
    v.containment_threshold,
    v.resemblance_threshold,
    v.lead_seconds,
    coalesce(c.copies, 0) AS copies,
    a.word_count,
    e.feed_url,
    f.name AS feed_name,
    "left"(split_part(t.text, chr(10), 1), 300) AS lead,
    t.text,
    a.entry_url,
    a.final_url,
    a.content_hash,
    a.extractor,
    m.story_version,
    a.run_id
FROM article AS a
JOIN story_match AS m ON m.article_url = a.url
LEFT JOIN verdict AS v ON v.article_url = a.url
LEFT JOIN seed AS s ON v."of" = 'seed:' || s.slug
LEFT JOIN article AS o ON o.url = v."of"
LEFT JOIN (
    SELECT "of" AS original_url, count(*) AS copies FROM verdict WHERE "of" IS NOT NULL GROUP BY "of"
) AS c ON c.original_url = a.url
LEFT JOIN article_text AS t ON t.article_url = a.url
LEFT JOIN entry AS e ON e.url = a.entry_url
LEFT JOIN feed AS f ON f.url = e.feed_url;
COMMENT ON VIEW article_all IS 'Every stored article, on the story or not, with how it stands to the story and to the articles before it.';
COMMENT ON COLUMN article_all.url IS 'Canonical address of the page; unique.';
COMMENT ON COLUMN article_all.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN article_all.language IS 'BCP 47 primary tag; NULL: unknown.';
COMMENT ON COLUMN article_all.title IS 'Headline.';
COMMENT ON COLUMN article_all.authors IS 'As the page names them; empty: none named.';
COMMENT ON COLUMN article_all.published_at IS 'As the page or the feed claims; NULL when unknown.';
COMMENT ON COLUMN article_all.published_precision IS 'How exact published_at is: day, minute, second.';
COMMENT ON COLUMN article_all.published_source IS 'Who claims published_at: page, feed.';
COMMENT ON COLUMN article_all.first_seen_at IS 'When its URL was discovered, by our clock.';
COMMENT ON COLUMN article_all.fetched_at IS 'When the page was fetched.';
COMMENT ON COLUMN article_all.relevance IS 'core (reports the story), related (mentions it substantially), off (neither).';
COMMENT ON COLUMN article_all.score IS 'Strength of the match with the story, in [0, 1].';
COMMENT ON COLUMN article_all.rule IS 'Name of the combination of terms that decided the relevance.';
COMMENT ON COLUMN article_all.hits IS 'Groups of story terms that matched: group, field, count, and the first places in characters.';
COMMENT ON COLUMN article_all.verdict IS 'exact, near, rewrite, independent; NULL: off the story, not judged.';
COMMENT ON COLUMN article_all.verdict_of IS 'URL of the original, or seed:<slug>; NULL: independent or not judged.';
COMMENT ON COLUMN article_all.verdict_of_title IS 'Headline of the original; NULL: independent or not judged.';
COMMENT ON COLUMN article_all.containment IS 'Share of its shingles that the closest other text has, in [0, 1].';
COMMENT ON COLUMN article_all.resemblance IS 'Jaccard index of its shingles and those of the same other text, in [0, 1].';
COMMENT ON COLUMN article_all.shared_shingles IS 'Shingles that both texts have.';
COMMENT ON COLUMN article_all.containment_threshold IS 'Containment from which it would be near.';
COMMENT ON COLUMN article_all.resemblance_threshold IS 'Resemblance from which it would be near.';
COMMENT ON COLUMN article_all.lead_seconds IS 'Time after the publication of the original; NULL: unknown.';
COMMENT ON COLUMN article_all.copies IS 'Stored articles whose verdict names this one as the original.';
COMMENT ON COLUMN article_all.word_count IS 'Words in the text.';
COMMENT ON COLUMN article_all.feed_url IS 'Feed that showed it first.';
COMMENT ON COLUMN article_all.feed_name IS 'Name of that feed; NULL: not one of feeds.toml.';
COMMENT ON COLUMN article_all.lead IS 'First paragraph, at most 300 characters; NULL: texts are not published.';
COMMENT ON COLUMN article_all.text IS 'Main content, paragraphs separated by one newline; NULL: texts are not published.';
COMMENT ON COLUMN article_all.entry_url IS 'Ledger entry that led here: the address as discovered.';
COMMENT ON COLUMN article_all.final_url IS 'Address that answered, after redirects.';
COMMENT ON COLUMN article_all.content_hash IS 'xxh3-128 in hex of the normalised words of the text.';
COMMENT ON COLUMN article_all.extractor IS 'Program and version that took the text out of the page.';
COMMENT ON COLUMN article_all.story_version IS 'Digest of the story.toml that was applied.';
COMMENT ON COLUMN article_all.run_id IS 'Run that stored it.';

CREATE VIEW coverage AS
SELECT
    url,
    outlet,
    language,
    title,
    authors,
    published_at,
    published_precision,
    published_source,
    first_seen_at,
    relevance,
    score,
    rule,
    word_count,
    copies,
    feed_url,
    feed_name,
    lead,
    text,
    run_id
FROM article_all
WHERE verdict = 'independent' AND relevance IN ('core', 'related')
ORDER BY coalesce(published_at, first_seen_at) DESC, url;
COMMENT ON VIEW coverage IS 'One row per independent article on the story, newest first: copies, of each other or of a seed, are left out and counted.';
COMMENT ON COLUMN coverage.url IS 'Canonical address of the page; unique.';
COMMENT ON COLUMN coverage.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN coverage.language IS 'BCP 47 primary tag; NULL: unknown.';
COMMENT ON COLUMN coverage.title IS 'Headline.';
COMMENT ON COLUMN coverage.authors IS 'As the page names them; empty: none named.';
COMMENT ON COLUMN coverage.published_at IS 'As the page or the feed claims; NULL when unknown (first_seen_at then decides the order).';
COMMENT ON COLUMN coverage.published_precision IS 'How exact published_at is: day, minute, second.';
COMMENT ON COLUMN coverage.published_source IS 'Who claims published_at: page, feed.';
COMMENT ON COLUMN coverage.first_seen_at IS 'When its URL was discovered, by our clock.';
COMMENT ON COLUMN coverage.relevance IS 'core (reports the story), related (mentions it substantially).';
COMMENT ON COLUMN coverage.score IS 'Strength of the match with the story, in [0, 1].';
COMMENT ON COLUMN coverage.rule IS 'Name of the combination of terms that decided the relevance.';
COMMENT ON COLUMN coverage.word_count IS 'Words in the text.';
COMMENT ON COLUMN coverage.copies IS 'Stored articles whose verdict names this one as the original.';
COMMENT ON COLUMN coverage.feed_url IS 'Feed that showed it first.';
COMMENT ON COLUMN coverage.feed_name IS 'Name of that feed; NULL: not one of feeds.toml.';
COMMENT ON COLUMN coverage.lead IS 'First paragraph, at most 300 characters; NULL: texts are not published.';
COMMENT ON COLUMN coverage.text IS 'Main content, paragraphs separated by one newline; NULL: texts are not published.';
COMMENT ON COLUMN coverage.run_id IS 'Run that stored it.';

CREATE VIEW ledger AS
SELECT
    outcome,
    reason,
    count(*) AS urls,
    min(first_seen_at) AS oldest_first_seen_at,
    max(first_seen_at) AS newest_first_seen_at
FROM entry
GROUP BY outcome, reason
ORDER BY outcome, reason;
COMMENT ON VIEW ledger IS 'Where every discovered URL stands, counted: urls sums to the number of URLs discovered.';
COMMENT ON COLUMN ledger.outcome IS 'pending, loaded, duplicate_url, off_story, not_article, gone, refused, failed, lead.';
COMMENT ON COLUMN ledger.reason IS 'Why they stand there; a word of the closed list in extractors/records.py.';
COMMENT ON COLUMN ledger.urls IS 'Number of URLs.';
COMMENT ON COLUMN ledger.oldest_first_seen_at IS 'When the first of them was discovered.';
COMMENT ON COLUMN ledger.newest_first_seen_at IS 'When the last of them was discovered.';

CREATE VIEW run_health AS
SELECT
    run_id,
    command,
    status,
    started_at,
    ended_at,
    date_diff('millisecond', started_at, ended_at) / 1000.0::DOUBLE AS elapsed_seconds,
    feeds_polled,
    feeds_unchanged,
    feeds_failed,
    discovered,
    fetched,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['loaded'])), 0)::BIGINT END AS loaded,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['duplicate_url'])), 0)::BIGINT END AS duplicate_url,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['off_story'])), 0)::BIGINT END AS off_story,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['not_article'])), 0)::BIGINT END AS not_article,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['gone'])), 0)::BIGINT END AS gone,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['refused'])), 0)::BIGINT END AS refused,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['failed'])), 0)::BIGINT END AS failed,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['lead'])), 0)::BIGINT END AS lead,
    CASE WHEN outcomes IS NOT NULL THEN coalesce(list_sum(map_values(outcomes['pending'])), 0)::BIGINT END AS pending,
    ledger_discovered,
    CASE WHEN ledger_outcomes IS NOT NULL THEN coalesce(list_sum(map_values(ledger_outcomes)), 0)::BIGINT END AS ledger_decided,
    CASE WHEN ledger_outcomes IS NOT NULL THEN coalesce(list_sum(map_values(ledger_outcomes)), 0) = ledger_discovered END AS balanced,
    published_snapshot,
    recorded_in_prefect,
    detail
FROM run
ORDER BY started_at DESC, run_id;
COMMENT ON VIEW run_health IS 'One row per run, newest first. Counts are NULL until it ends; they are of this run unless they say ledger.';
COMMENT ON COLUMN run_health.run_id IS 'The run.';
COMMENT ON COLUMN run_health.command IS 'What started it.';
COMMENT ON COLUMN run_health.status IS 'running (or killed), completed, interrupted, failed.';
COMMENT ON COLUMN run_health.started_at IS 'When it began.';
COMMENT ON COLUMN run_health.ended_at IS 'When it ended; NULL while it runs, and for ever if it was killed.';
COMMENT ON COLUMN run_health.elapsed_seconds IS 'Wall time from start to end.';
COMMENT ON COLUMN run_health.feeds_polled IS 'Feeds asked.';
COMMENT ON COLUMN run_health.feeds_unchanged IS 'Feeds that had nothing new to say.';
COMMENT ON COLUMN run_health.feeds_failed IS 'Feeds that gave no entries for an error.';
COMMENT ON COLUMN run_health.discovered IS 'URLs that the ledger did not have before.';
COMMENT ON COLUMN run_health.fetched IS 'Pages asked for.';
COMMENT ON COLUMN run_health.loaded IS 'URLs that became articles on the story, whatever their verdict.';
COMMENT ON COLUMN run_health.duplicate_url IS 'URLs that are another address of something in the ledger.';
COMMENT ON COLUMN run_health.off_story IS 'URLs that are not on the story.';
COMMENT ON COLUMN run_health.not_article IS 'URLs whose page is no article.';
COMMENT ON COLUMN run_health.gone IS 'URLs whose server says that nothing is there.';
COMMENT ON COLUMN run_health.refused IS 'URLs that we may not fetch.';
COMMENT ON COLUMN run_health.failed IS 'URLs whose attempts are used up.';
COMMENT ON COLUMN run_health.lead IS 'Headlines whose page can not be reached.';
COMMENT ON COLUMN run_health.pending IS 'URLs left waiting for their next attempt.';
COMMENT ON COLUMN run_health.ledger_discovered IS 'URLs in the ledger at its end.';
COMMENT ON COLUMN run_health.ledger_decided IS 'Sum of the outcomes of the ledger at its end, pending included.';
COMMENT ON COLUMN run_health.balanced IS 'Whether both are equal: nothing lost, nothing counted twice.';
COMMENT ON COLUMN run_health.published_snapshot IS 'Number of the snapshot that it published; NULL: none.';
COMMENT ON COLUMN run_health.recorded_in_prefect IS 'Whether Prefect has a record of it.';
COMMENT ON COLUMN run_health.detail IS 'For people; empty: nothing to say.';

CREATE VIEW why AS
SELECT * FROM (
    SELECT
        e.url,
        e.first_seen_at AS happened_at,
        1 AS step,
        'discovered' AS event,
        NULL::VARCHAR AS outcome,
        NULL::VARCHAR AS reason,
        concat('in ', coalesce(f.name, e.feed_url), CASE WHEN e.title <> '' THEN ': ' || e.title END) AS detail,
        NULL::VARCHAR AS article_url,
        e.run_id
    FROM entry AS e
    LEFT JOIN feed AS f ON f.url = e.feed_url
    UNION ALL
    SELECT
        x.url,
        x.fetched_at,
        3,
        'fetched',
        NULL,
        x.reason,
        concat_ws(
            ', ',
            coalesce('status ' || x.status, 'no answer'),
            x.wire_bytes || ' bytes',
            round(x.elapsed_seconds, 2) || ' s',
            nullif(x.detail, '')),
        NULL,
        x.run_id
    FROM "fetch" AS x
    WHERE x.kind = 'page'
    UNION ALL
    SELECT
        a.entry_url,
        a.fetched_at,
        4,
        'extracted',
        NULL,
        NULL,
        concat_ws(', ', a.title, a.word_count || ' words', a.language, nullif(a.extractor, '')),
        a.url,
        a.run_id
    FROM article AS a
    UNION ALL
    SELECT
        a.entry_url,
        a.fetched_at,
        5,
        'scored',
        NULL,
        m.relevance,
        concat('score ', round(m.score, 3), ' by rule ', m.rule, ': ', array_to_string(
            [h."group" || ' ' || h.count || 'x in ' || h.field FOR h IN m.hits], ', ')),
        a.url,
        m.run_id
    FROM article AS a
    JOIN story_match AS m ON m.article_url = a.url
    UNION ALL
    SELECT
        a.entry_url,
        a.fetched_at,
        6,
        'judged',
        NULL,
        v.kind,
        concat(
            CASE WHEN v."of" IS NOT NULL THEN 'of ' || v."of" || ', ' END,
            'containment ', round(v.containment, 3), ' (threshold ', v.containment_threshold, '), ',
            'resemblance ', round(v.resemblance, 3), ' (threshold ', v.resemblance_threshold, ')'),
        a.url,
        v.run_id
    FROM article AS a
    JOIN verdict AS v ON v.article_url = a.url
    UNION ALL
    SELECT
        d.url,
        d.decided_at,
        CASE WHEN d.reason = 'queued' THEN 2 WHEN d.outcome = 'pending' THEN 7 ELSE 8 END,
        'decided',
        d.outcome,
        d.reason,
        d.detail,
        d.article_url,
        d.run_id
    FROM decision AS d
)
ORDER BY url, happened_at, step;
COMMENT ON VIEW why IS 'The whole way of a URL, one row per event, in time order: ask with WHERE url = the address as discovered.';
COMMENT ON COLUMN why.url IS 'The address as discovered; the key of the ledger.';
COMMENT ON COLUMN why.happened_at IS 'When.';
COMMENT ON COLUMN why.step IS 'Place of the event among those of the same time, from 1.';
COMMENT ON COLUMN why.event IS 'discovered, fetched, extracted, scored, judged, decided.';
COMMENT ON COLUMN why.outcome IS 'decided only: where the URL stood from then on.';
COMMENT ON COLUMN why.reason IS 'The word that says what came of the event.';
COMMENT ON COLUMN why.detail IS 'For people.';
COMMENT ON COLUMN why.article_url IS 'The stored article that the event is about; NULL: none.';
COMMENT ON COLUMN why.run_id IS 'Run in which it happened.';
