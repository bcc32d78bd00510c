-- Purpose: what the schedule of a feed remembers, and how each feed does.
-- Result: columns of feed_state, the view feed_health.

ALTER TABLE feed_state ADD COLUMN has_false_validators BOOLEAN DEFAULT false;
ALTER TABLE feed_state ADD COLUMN answered_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN full_fetch_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN last_new_entry_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN newest_published_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN entry_count INTEGER;
ALTER TABLE feed_state ADD COLUMN usual_entries_per_hour DOUBLE;
ALTER TABLE feed_state ADD COLUMN recent_entries_per_hour DOUBLE;
ALTER TABLE feed_state ADD COLUMN ttl_seconds DOUBLE;
ALTER TABLE feed_state ADD COLUMN interval_seconds DOUBLE;
ALTER TABLE feed_state ADD COLUMN not_before_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN backoff DOUBLE DEFAULT 0;
ALTER TABLE feed_state ADD COLUMN failing_since_at TIMESTAMPTZ;
ALTER TABLE feed_state ADD COLUMN failure_reason VARCHAR;
ALTER TABLE feed_state ADD COLUMN failure_detail VARCHAR;
ALTER TABLE feed_state ALTER COLUMN has_false_validators SET NOT NULL;
ALTER TABLE feed_state ALTER COLUMN backoff SET NOT NULL;
COMMENT ON COLUMN feed_state.has_false_validators IS 'Whether its validators called a body unchanged that showed news; it is asked without them since.';
COMMENT ON COLUMN feed_state.answered_at IS 'Last poll that succeeded.';
COMMENT ON COLUMN feed_state.full_fetch_at IS 'Last poll that brought a whole body, seen before or not. Once a day the whole body is asked for.';
COMMENT ON COLUMN feed_state.last_new_entry_at IS 'Last poll that brought an entry that was not known; after the first poll the date of its newest entry.';
COMMENT ON COLUMN feed_state.newest_published_at IS 'Newest date of publication in its last document; NULL: none has a date.';
COMMENT ON COLUMN feed_state.entry_count IS 'Entries in its last document; NULL: none was read.';
COMMENT ON COLUMN feed_state.usual_entries_per_hour IS 'New entries per hour at answered_at, by a memory of days; NULL: not known yet.';
COMMENT ON COLUMN feed_state.recent_entries_per_hour IS 'New entries per hour at answered_at, by a memory of hours; NULL: not known yet.';
COMMENT ON COLUMN feed_state.ttl_seconds IS 'Time between two polls that its last document asks for; NULL: it says nothing.';
COMMENT ON COLUMN feed_state.interval_seconds IS 'Time between two polls that its habit asks for; NULL: not known yet.';
COMMENT ON COLUMN feed_state.not_before_at IS 'Not polled before, as feed and server ask (TTL, Cache-Control, Expires); NULL: they say nothing.';
COMMENT ON COLUMN feed_state.backoff IS 'Polls that failed in a row, each with its weight: 1 (hard), 0.5 (soft), 0.25 (DNS). Its rest doubles with each 1.';
COMMENT ON COLUMN feed_state.failing_since_at IS 'First of the polls that failed in a row; NULL: the last one succeeded.';
COMMENT ON COLUMN feed_state.failure_reason IS 'Why a poll last failed, be it over or not; NULL: none has.';
COMMENT ON COLUMN feed_state.failure_detail IS 'The same for people.';

-- Times are measured from the poll or the run before, never from the clock of whoever asks: a storywatch that stood
-- still for a week does not make its feeds silent.
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
        count(*) FILTER (e.first_seen_at > r.started_at - INTERVAL 7 DAY) AS in_7_days,
        count(*) FILTER (e.first_seen_at > r.started_at - INTERVAL 30 DAY) AS in_30_days
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
            WHEN s.newest_published_at < s.checked_at - INTERVAL 14 DAY THEN 'stale'
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
