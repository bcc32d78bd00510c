-- Purpose: the sums that analysts ask for: per day, outlet, language, and of the names in the articles; the way of a URL also tells
--   what was decided again and what its page said before. Days are those of UTC in whatever zone a client asks, hence the
--   arithmetic; nothing is used that DuckDB 1.4 lacks.
-- Result: coverage_by_day, outlet_summary, language_summary, mention; why, made anew to add events. Several statements.

CREATE VIEW coverage_by_day AS
SELECT
    to_timestamp(floor(epoch(coalesce(published_at, first_seen_at)) / 86400) * 86400) AS day_at,
    count(*) AS articles,
    count(*) FILTER (WHERE verdict = 'independent') AS independent,
    count(*) FILTER (WHERE verdict = 'exact') AS exact_copies,
    count(*) FILTER (WHERE verdict = 'near') AS near_copies,
    count(*) FILTER (WHERE verdict = 'rewrite') AS rewrites,
    count(*) FILTER (WHERE relevance = 'core') AS core,
    count(*) FILTER (WHERE relevance = 'related') AS related,
    count(*) FILTER (WHERE published_at IS NULL) AS undated,
    count(DISTINCT outlet) AS outlets,
    count(DISTINCT language) AS languages
FROM article_all
WHERE verdict IS NOT NULL
GROUP BY day_at
ORDER BY day_at;
COMMENT ON VIEW coverage_by_day IS 'One row per day with articles on the story, oldest first; days without any have none.';
COMMENT ON COLUMN coverage_by_day.day_at IS 'The day, by its beginning, UTC: of publication, or of discovery where that is not known.';
COMMENT ON COLUMN coverage_by_day.articles IS 'Stored articles on the story, whatever their verdict.';
COMMENT ON COLUMN coverage_by_day.independent IS 'Those that are independent reports: the rows of coverage.';
COMMENT ON COLUMN coverage_by_day.exact_copies IS 'Those whose verdict is exact.';
COMMENT ON COLUMN coverage_by_day.near_copies IS 'Those whose verdict is near.';
COMMENT ON COLUMN coverage_by_day.rewrites IS 'Those whose verdict is rewrite.';
COMMENT ON COLUMN coverage_by_day.core IS 'Articles that report the story.';
COMMENT ON COLUMN coverage_by_day.related IS 'Articles that mention it substantially.';
COMMENT ON COLUMN coverage_by_day.undated IS 'Articles whose time of publication is not known.';
COMMENT ON COLUMN coverage_by_day.outlets IS 'Outlets that have one of the articles.';
COMMENT ON COLUMN coverage_by_day.languages IS 'Languages of the articles; those of unknown language are not counted.';

CREATE VIEW outlet_summary AS
WITH own AS (
    SELECT
        outlet,
        count(*) AS articles,
        count(*) FILTER (WHERE verdict = 'independent') AS independent,
        count(*) FILTER (WHERE verdict = 'exact') AS exact_copies,
        count(*) FILTER (WHERE verdict = 'near') AS near_copies,
        count(*) FILTER (WHERE verdict = 'rewrite') AS rewrites,
        sum(copies)::BIGINT AS copied,
        list_sort(coalesce(list(DISTINCT language) FILTER (WHERE language IS NOT NULL), [])) AS languages,
        min(published_at) AS first_published_at,
        max(published_at) AS last_published_at,
        median(date_diff('second', published_at, first_seen_at))
            FILTER (WHERE published_precision IN ('minute', 'second')) AS median_discovery_seconds
    FROM article_all
    WHERE verdict IS NOT NULL
    GROUP BY outlet
),
asked AS (
    SELECT
        outlet,
        count(*) AS discovered,
        count(*) FILTER (WHERE outcome IN ('not_article', 'gone', 'refused', 'failed', 'lead')) AS unread
    FROM entry
    GROUP BY outlet
)
SELECT
    o.outlet,
    o.articles,
    o.independent,
    o.exact_copies,
    o.near_copies,
    o.rewrites,
    o.independent / o.articles AS independent_share,
    o.copied,
    o.languages,
    o.first_published_at,
    o.last_published_at,
    o.median_discovery_seconds::DOUBLE AS median_discovery_seconds,
    coalesce(a.discovered, 0) AS discovered,
    coalesce(a.unread, 0) AS unread
FROM own AS o
LEFT JOIN asked AS a ON a.outlet = o.outlet
ORDER BY o.independent DESC, o.articles DESC, o.outlet;
COMMENT ON VIEW outlet_summary IS 'One row per outlet with articles on the story, the most independent reports first.';
COMMENT ON COLUMN outlet_summary.outlet IS 'Host of the outlet without www; unique.';
COMMENT ON COLUMN outlet_summary.articles IS 'Stored articles on the story, whatever their verdict.';
COMMENT ON COLUMN outlet_summary.independent IS 'Those that are independent reports: the rows of coverage.';
COMMENT ON COLUMN outlet_summary.exact_copies IS 'Those whose verdict is exact.';
COMMENT ON COLUMN outlet_summary.near_copies IS 'Those whose verdict is near.';
COMMENT ON COLUMN outlet_summary.rewrites IS 'Those whose verdict is rewrite.';
COMMENT ON COLUMN outlet_summary.independent_share IS 'independent / articles, in [0, 1].';
COMMENT ON COLUMN outlet_summary.copied IS 'Stored articles, of any outlet, whose verdict names one of these as the original.';
COMMENT ON COLUMN outlet_summary.languages IS 'Languages of the articles; empty: none is known.';
COMMENT ON COLUMN outlet_summary.first_published_at IS 'When the first of them was published; NULL: none has a time.';
COMMENT ON COLUMN outlet_summary.last_published_at IS 'When the last of them was published.';
COMMENT ON COLUMN outlet_summary.median_discovery_seconds IS 'Median time from publication to discovery, of articles whose time of publication is known to the minute; negative where a page claims a later time; NULL: none has one.';
COMMENT ON COLUMN outlet_summary.discovered IS 'URLs of the outlet in the ledger, on the story or not.';
COMMENT ON COLUMN outlet_summary.unread IS 'Those of them that gave no text: not_article, gone, refused, failed, lead.';

CREATE VIEW language_summary AS
SELECT
    language,
    count(*) AS articles,
    count(*) FILTER (WHERE verdict = 'independent') AS independent,
    count(*) FILTER (WHERE verdict = 'exact') AS exact_copies,
    count(*) FILTER (WHERE verdict = 'near') AS near_copies,
    count(*) FILTER (WHERE verdict = 'rewrite') AS rewrites,
    count(DISTINCT outlet) AS outlets,
    median(word_count) AS median_word_count,
    min(published_at) AS first_published_at,
    max(published_at) AS last_published_at,
    first(outlet ORDER BY published_at NULLS LAST, first_seen_at, url) AS first_outlet,
    first(url ORDER BY published_at NULLS LAST, first_seen_at, url) AS first_url
FROM article_all
WHERE verdict IS NOT NULL
GROUP BY language
ORDER BY articles DESC, language NULLS LAST;
COMMENT ON VIEW language_summary IS 'One row per language with articles on the story, the most articles first.';
COMMENT ON COLUMN language_summary.language IS 'BCP 47 primary tag; unique; NULL: the articles of unknown language.';
COMMENT ON COLUMN language_summary.articles IS 'Stored articles on the story, whatever their verdict.';
COMMENT ON COLUMN language_summary.independent IS 'Those that are independent reports: the rows of coverage.';
COMMENT ON COLUMN language_summary.exact_copies IS 'Those whose verdict is exact.';
COMMENT ON COLUMN language_summary.near_copies IS 'Those whose verdict is near.';
COMMENT ON COLUMN language_summary.rewrites IS 'Those whose verdict is rewrite.';
COMMENT ON COLUMN language_summary.outlets IS 'Outlets that have one of the articles.';
COMMENT ON COLUMN language_summary.median_word_count IS 'Median of the words in their texts.';
COMMENT ON COLUMN language_summary.first_published_at IS 'When the first of them was published; NULL: none has a time.';
COMMENT ON COLUMN language_summary.last_published_at IS 'When the last of them was published.';
COMMENT ON COLUMN language_summary.first_outlet IS 'Outlet of the first of them.';
COMMENT ON COLUMN language_summary.first_url IS 'Its address.';

CREATE VIEW mention AS
WITH found AS (
    SELECT
        a.url,
        a.outlet,
        a.verdict,
        to_timestamp(floor(epoch(coalesce(a.published_at, a.first_seen_at)) / 86400) * 86400) AS day_at,
        unnest(a.hits) AS hit
    FROM article_all AS a
    WHERE a.verdict IS NOT NULL
)
SELECT
    hit."group" AS name,
    day_at,
    sum(hit.count)::BIGINT AS mentions,
    count(DISTINCT url) AS articles,
    count(DISTINCT url) FILTER (WHERE verdict = 'independent') AS independent,
    count(DISTINCT url) FILTER (WHERE hit.field = 'title') AS headlines,
    count(DISTINCT outlet) AS outlets
FROM found
GROUP BY hit."group", day_at
ORDER BY day_at, mentions DESC, name;
COMMENT ON VIEW mention IS 'One row per name and day on which articles on the story mention it, oldest first. Copies count as mentions.';
COMMENT ON COLUMN mention.name IS 'Person, place or term: the name of its group in story.toml.';
COMMENT ON COLUMN mention.day_at IS 'The day, by its beginning, UTC: of publication of the articles, or of discovery where that is not known.';
COMMENT ON COLUMN mention.mentions IS 'Places in headlines and texts where one of its words stands.';
COMMENT ON COLUMN mention.articles IS 'Articles that mention it.';
COMMENT ON COLUMN mention.independent IS 'Those that are independent reports.';
COMMENT ON COLUMN mention.headlines IS 'Those that mention it in their headline.';
COMMENT ON COLUMN mention.outlets IS 'Outlets that have one of the articles.';

DROP VIEW why;

CREATE VIEW why AS
WITH way AS (
    SELECT DISTINCT article_url, url FROM decision WHERE article_url IS NOT NULL AND outcome IN ('loaded', 'off_story')
)
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
    UNION ALL
    SELECT
        w.url,
        s.replaced_at,
        9,
        'scored again',
        NULL,
        s.relevance,
        concat('until then score ', round(s.score, 3), ' by rule ', s.rule),
        s.article_url,
        s.run_id
    FROM story_match_history AS s
    JOIN way AS w ON w.article_url = s.article_url
    UNION ALL
    SELECT
        w.url,
        h.superseded_at,
        10,
        'judged again',
        NULL,
        h.kind,
        concat('until then ', h.kind, CASE WHEN h."of" IS NOT NULL THEN ' of ' || h."of" END),
        h.article_url,
        h.superseded_run_id
    FROM verdict_history AS h
    JOIN way AS w ON w.article_url = h.article_url
    UNION ALL
    SELECT
        w.url,
        r.revised_at,
        11,
        'revised',
        NULL,
        r.cause,
        concat('changed: ', array_to_string(r.changed, ', ')),
        r.article_url,
        r.run_id
    FROM revision AS r
    JOIN way AS w ON w.article_url = r.article_url
)
ORDER BY url, happened_at, step;
COMMENT ON VIEW why IS 'The whole way of a URL, one row per event, in time order: ask with WHERE url = the address as discovered.';
COMMENT ON COLUMN why.url IS 'The address as discovered; the key of the ledger.';
COMMENT ON COLUMN why.happened_at IS 'When.';
COMMENT ON COLUMN why.step IS 'Place of the event among those of the same time, from 1.';
COMMENT ON COLUMN why.event IS 'discovered, fetched, extracted, scored, judged, decided; scored again, judged again, revised: when something else took the place of what held until then.';
COMMENT ON COLUMN why.outcome IS 'decided only: where the URL stood from then on.';
COMMENT ON COLUMN why.reason IS 'The word that says what came of the event.';
COMMENT ON COLUMN why.detail IS 'For people.';
COMMENT ON COLUMN why.article_url IS 'The stored article that the event is about; NULL: none.';
COMMENT ON COLUMN why.run_id IS 'Run in which it happened.';
