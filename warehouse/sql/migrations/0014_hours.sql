-- Purpose: views say the same in whatever zone a client asks. A day added to a TIMESTAMPTZ is one of the session's zone, with 23 or 25
--   hours when its clocks change, as Budapest's did on 2025-10-26; hours are always the same.
-- Result: story_step and feed_health, made anew with hours in place of days. Several statements.

DROP VIEW story_step;

CREATE VIEW story_step AS
WITH told AS (
    SELECT
        t.step,
        a.url,
        a.outlet,
        a.language,
        a.title,
        a.published_at,
        CASE WHEN a.published_precision = 'day' THEN a.published_at + INTERVAL 24 HOUR ELSE a.published_at END AS known_by
    FROM article_step AS t
    JOIN article AS a ON a.url = t.article_url
),
by_outlet AS (
    SELECT step, outlet, min(known_by) AS known_by FROM told GROUP BY step, outlet
),
followed AS (
    SELECT step, list(known_by ORDER BY known_by) AS times FROM by_outlet GROUP BY step
),
counted AS (
    SELECT
        step,
        count(*) AS articles,
        count(DISTINCT outlet) AS outlets,
        count(DISTINCT language) AS languages,
        first(url ORDER BY known_by, url) AS first_url,
        first(outlet ORDER BY known_by, url) AS first_outlet,
        first(title ORDER BY known_by, url) AS first_title,
        first(published_at ORDER BY known_by, url) AS first_published_at
    FROM told
    GROUP BY step
)
SELECT
    s.slug AS step,
    s.happened_at,
    s.state,
    s.what,
    coalesce(c.articles, 0) AS articles,
    coalesce(c.outlets, 0) AS outlets,
    coalesce(c.languages, 0) AS languages,
    c.first_outlet,
    c.first_url,
    c.first_title,
    c.first_published_at,
    date_diff('second', f.times[1], f.times[2]) AS second_outlet_seconds,
    date_diff('second', f.times[1], f.times[((len(f.times) + 1) // 2)::INTEGER]) AS half_outlets_seconds,
    date_diff('second', f.times[1], f.times[len(f.times)::INTEGER]) AS last_outlet_seconds
FROM step AS s
LEFT JOIN counted AS c ON c.step = s.slug
LEFT JOIN followed AS f ON f.step = s.slug
ORDER BY s.position;
COMMENT ON VIEW story_step IS 'One row per step of the story, in its order: who reported it first, how many followed and how fast. Copies count as reports. Where only the day of publication is known, its end counts.';
COMMENT ON COLUMN story_step.step IS 'Slug of the step in story.toml.';
COMMENT ON COLUMN story_step.happened_at IS 'Day on which it happened: its beginning, UTC.';
COMMENT ON COLUMN story_step.state IS 'What it says of the event: planned, held, postponed, cancelled, revived; NULL: nothing.';
COMMENT ON COLUMN story_step.what IS 'What happened, in own words.';
COMMENT ON COLUMN story_step.articles IS 'Core articles that report it.';
COMMENT ON COLUMN story_step.outlets IS 'Outlets that have one of these.';
COMMENT ON COLUMN story_step.languages IS 'Languages of these articles; those of unknown language are not counted.';
COMMENT ON COLUMN story_step.first_outlet IS 'Outlet that reported it first; NULL: nobody did.';
COMMENT ON COLUMN story_step.first_url IS 'Its article.';
COMMENT ON COLUMN story_step.first_title IS 'Headline of that article.';
COMMENT ON COLUMN story_step.first_published_at IS 'When that article was published, as it claims.';
COMMENT ON COLUMN story_step.second_outlet_seconds IS 'Time from the first outlet''s report to the second outlet''s; NULL: there is none with a known time.';
COMMENT ON COLUMN story_step.half_outlets_seconds IS 'Time until half of the outlets had reported it; NULL: not that many with a known time.';
COMMENT ON COLUMN story_step.last_outlet_seconds IS 'Time until the last of them had; NULL: one of them has no known time.';

DROP VIEW feed_health;

CREATE VIEW feed_health AS
WITH run_before AS (
    SELECT max(started_at) AS started_at FROM run
),
gap AS (
    SELECT feed_url, quantile_cont(seconds, 0.95) AS usual_seconds
    FROM (
        SELECT
            feed_url,
            date_diff('second', lag(first_seen_at) OVER (PARTITION BY feed_url ORDER BY first_seen_at), first_seen_at)
                AS seconds
        FROM (SELECT DISTINCT feed_url, first_seen_at FROM entry)
    )
    GROUP BY feed_url
),
brought AS (
    SELECT
        e.feed_url,
        count(*) FILTER (e.first_seen_at > r.started_at - INTERVAL 168 HOUR) AS in_7_days,
        count(*) FILTER (e.first_seen_at > r.started_at - INTERVAL 720 HOUR) AS in_30_days
    FROM entry AS e
    CROSS JOIN run_before AS r
    GROUP BY e.feed_url
),
on_story AS (
    SELECT e.feed_url, count(*) AS articles
    FROM verdict AS v
    JOIN article AS a ON a.url = v.article_url
    JOIN entry AS e ON e.url = a.entry_url
    GROUP BY e.feed_url
),
judged AS (
    SELECT
        f.url,
        f.name,
        f.language,
        CASE
            WHEN s.checked_at IS NULL THEN 'new'
            WHEN s.failures > 0 THEN 'failing'
            WHEN s.entry_count = 0 THEN 'empty'
            WHEN s.newest_published_at < s.checked_at - INTERVAL 336 HOUR THEN 'stale'
            WHEN date_diff('second', s.last_new_entry_at, s.checked_at)
                > greatest(3 * coalesce(g.usual_seconds, 0), 3 * 86400) THEN 'silent'
            ELSE 'ok'
        END AS state,
        s.checked_at,
        s.changed_at,
        s.last_new_entry_at,
        s.newest_published_at,
        s.entry_count,
        s.interval_seconds,
        s.next_poll_at,
        s.failures,
        s.failing_since_at,
        s.failure_reason,
        s.failure_detail,
        greatest(3 * coalesce(g.usual_seconds, 0), 3 * 86400)::DOUBLE AS silent_after_seconds,
        coalesce(b.in_7_days, 0) AS entries_in_7_days,
        coalesce(b.in_30_days, 0) AS entries_in_30_days,
        coalesce(o.articles, 0) AS on_story_articles
    FROM feed AS f
    LEFT JOIN feed_state AS s ON s.feed_url = f.url
    LEFT JOIN gap AS g ON g.feed_url = f.url
    LEFT JOIN brought AS b ON b.feed_url = f.url
    LEFT JOIN on_story AS o ON o.feed_url = f.url
    WHERE f.enabled
)
SELECT
    url,
    name,
    language,
    state,
    CASE state
        WHEN 'failing' THEN failing_since_at
        WHEN 'empty' THEN changed_at
        WHEN 'stale' THEN newest_published_at
        WHEN 'silent' THEN last_new_entry_at
    END AS since_at,
    checked_at,
    last_new_entry_at,
    newest_published_at,
    entry_count,
    interval_seconds,
    next_poll_at,
    coalesce(failures, 0) AS failures,
    failure_reason,
    failure_detail,
    silent_after_seconds,
    entries_in_7_days,
    entries_in_30_days,
    on_story_articles
FROM judged
ORDER BY name, url;
COMMENT ON VIEW feed_health IS 'One row per feed in use: how it does, when it is asked, what it brought.';
COMMENT ON COLUMN feed_health.url IS 'The address that is polled; unique.';
COMMENT ON COLUMN feed_health.name IS 'For people.';
COMMENT ON COLUMN feed_health.language IS 'BCP 47, as claimed by feeds.toml or asked for by the query.';
COMMENT ON COLUMN feed_health.state IS 'ok; failing (its last poll failed); empty (its document has no entry); stale (its newest entry was older than 14 days at its last poll); silent (nothing new for longer than silent_after_seconds); new (never asked).';
COMMENT ON COLUMN feed_health.since_at IS 'failing: the first poll that failed; empty: when its document last changed; stale: date of its newest entry; silent: its last new entry. Else NULL.';
COMMENT ON COLUMN feed_health.checked_at IS 'Last poll, whatever came of it; NULL: never asked.';
COMMENT ON COLUMN feed_health.last_new_entry_at IS 'Last poll that brought an entry that was not known.';
COMMENT ON COLUMN feed_health.newest_published_at IS 'Date of the newest entry in its last document; NULL: none has a date.';
COMMENT ON COLUMN feed_health.entry_count IS 'Entries in its last document; NULL: none was read.';
COMMENT ON COLUMN feed_health.interval_seconds IS 'Time between two polls that its habit asks for.';
COMMENT ON COLUMN feed_health.next_poll_at IS 'Not polled before; NULL: at once.';
COMMENT ON COLUMN feed_health.failures IS 'Polls that failed in a row.';
COMMENT ON COLUMN feed_health.failure_reason IS 'Why a poll last failed, be it over or not; NULL: none has.';
COMMENT ON COLUMN feed_health.failure_detail IS 'The same for people.';
COMMENT ON COLUMN feed_health.silent_after_seconds IS 'Silence from which it counts as silent: three times the time that 95 % of its new entries come within, at least 3 days.';
COMMENT ON COLUMN feed_health.entries_in_7_days IS 'URLs that it was the first to show, in the 7 days before the last run.';
COMMENT ON COLUMN feed_health.entries_in_30_days IS 'The same for 30 days.';
COMMENT ON COLUMN feed_health.on_story_articles IS 'Stored articles on the story, whatever their verdict, that came from these, at any time.';
