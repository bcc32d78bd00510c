-- Purpose: the steps of the story, which articles report them, and what was decided of an article before it was decided
--   again; the view that says who told a step first and how fast others followed.
-- Result: none. Several statements.

CREATE TABLE step (
    slug VARCHAR PRIMARY KEY CHECK (slug <> ''),
    position INTEGER NOT NULL CHECK (position > 0),
    happened_at TIMESTAMPTZ NOT NULL,
    what VARCHAR NOT NULL,
    state VARCHAR CHECK (state IN ('planned', 'held', 'postponed', 'cancelled', 'revived')),
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE step IS 'The dated steps of the story, as story.toml names them now.';
COMMENT ON COLUMN step.slug IS 'Key: its name in story.toml.';
COMMENT ON COLUMN step.position IS 'Place among the steps, from 1.';
COMMENT ON COLUMN step.happened_at IS 'Day on which it happened: its beginning, UTC.';
COMMENT ON COLUMN step.what IS 'What happened, in own words.';
COMMENT ON COLUMN step.state IS 'What it says of the event: planned, held, postponed, cancelled, revived; NULL: nothing.';
COMMENT ON COLUMN step.run_id IS 'Run that last changed the row.';

CREATE TABLE article_step (
    article_url VARCHAR CHECK (article_url <> ''),
    step VARCHAR CHECK (step <> ''),
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (article_url, step)
);
COMMENT ON TABLE article_step IS 'Which core articles report which step of the story. An article without a date reports none.';
COMMENT ON COLUMN article_step.article_url IS 'The article. Key, with step.';
COMMENT ON COLUMN article_step.step IS 'Slug of the step.';
COMMENT ON COLUMN article_step.run_id IS 'Run that decided it.';

CREATE TABLE story_match_past (
    article_url VARCHAR CHECK (article_url <> ''),
    replaced_at TIMESTAMPTZ,
    relevance VARCHAR NOT NULL CHECK (relevance IN ('core', 'related', 'off')),
    score DOUBLE NOT NULL CHECK (score BETWEEN 0 AND 1),
    rule VARCHAR NOT NULL,
    story_version VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (article_url, replaced_at)
);
COMMENT ON TABLE story_match_past IS 'How an article stood to the story before it was decided again (storywatch rescore).';
COMMENT ON COLUMN story_match_past.article_url IS 'The article. Key, with replaced_at.';
COMMENT ON COLUMN story_match_past.replaced_at IS 'When another decision took its place.';
COMMENT ON COLUMN story_match_past.relevance IS 'core, related, off.';
COMMENT ON COLUMN story_match_past.score IS 'In [0, 1].';
COMMENT ON COLUMN story_match_past.rule IS 'Name of the combination of terms that decided.';
COMMENT ON COLUMN story_match_past.story_version IS 'Digest of the story.toml that was applied.';
COMMENT ON COLUMN story_match_past.run_id IS 'Run that had decided it.';

CREATE VIEW story_step AS
WITH told AS (
    SELECT
        t.step,
        a.url,
        a.outlet,
        a.language,
        a.title,
        a.published_at,
        CASE WHEN a.published_precision = 'day' THEN a.published_at + INTERVAL 1 DAY ELSE a.published_at END AS known_by
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
COMMENT ON COLUMN story_step.second_outlet_seconds IS 'Time from the first outlet''s report to the second outlet''s; NULL: there is none.';
COMMENT ON COLUMN story_step.half_outlets_seconds IS 'Time until half of the outlets had reported it.';
COMMENT ON COLUMN story_step.last_outlet_seconds IS 'Time until the last of them had.';
