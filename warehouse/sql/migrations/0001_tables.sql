-- Purpose: the tables. Keys have no further indexes (open bugs in DuckDB) and no foreign keys (they block upserts of the parent).
-- Result: an empty warehouse.

CREATE TABLE run (
    run_id VARCHAR PRIMARY KEY CHECK (run_id <> ''),
    command VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    status VARCHAR NOT NULL CHECK (status IN ('running', 'completed', 'interrupted', 'failed')),
    feeds_polled INTEGER CHECK (feeds_polled >= 0),
    feeds_unchanged INTEGER CHECK (feeds_unchanged >= 0),
    feeds_failed INTEGER CHECK (feeds_failed >= 0),
    discovered INTEGER CHECK (discovered >= 0),
    fetched INTEGER CHECK (fetched >= 0),
    outcomes MAP(VARCHAR, MAP(VARCHAR, BIGINT)),
    ledger_discovered BIGINT CHECK (ledger_discovered >= 0),
    ledger_outcomes MAP(VARCHAR, BIGINT),
    published_snapshot INTEGER,
    recorded_in_prefect BOOLEAN NOT NULL,
    stage_seconds MAP(VARCHAR, DOUBLE),
    stage_cpu_seconds MAP(VARCHAR, DOUBLE),
    detail VARCHAR NOT NULL,
    CHECK ((status = 'running') = (ended_at IS NULL))
);
COMMENT ON TABLE run IS 'One row per run of a flow. Counts are NULL until it ends; they are of this run unless they say ledger.';
COMMENT ON COLUMN run.run_id IS 'Key. Every other table says by it which run wrote a row.';
COMMENT ON COLUMN run.command IS 'What started it, such as "run" or "demo".';
COMMENT ON COLUMN run.started_at IS 'When it began.';
COMMENT ON COLUMN run.ended_at IS 'When it ended; NULL while it runs, and for ever if it was killed.';
COMMENT ON COLUMN run.status IS 'running (or killed), completed, interrupted, failed.';
COMMENT ON COLUMN run.feeds_polled IS 'Feeds asked.';
COMMENT ON COLUMN run.feeds_unchanged IS 'Feeds that had nothing new to say (304, or the same body).';
COMMENT ON COLUMN run.feeds_failed IS 'Feeds that gave no entries for an error.';
COMMENT ON COLUMN run.discovered IS 'URLs that the ledger did not have before.';
COMMENT ON COLUMN run.fetched IS 'Pages asked for.';
COMMENT ON COLUMN run.outcomes IS 'outcome -> reason -> number of URLs discovered or decided in this run.';
COMMENT ON COLUMN run.ledger_discovered IS 'URLs in the ledger at its end.';
COMMENT ON COLUMN run.ledger_outcomes IS 'outcome -> URLs in the ledger at its end; sums to ledger_discovered.';
COMMENT ON COLUMN run.published_snapshot IS 'Number of the snapshot that it published; NULL: none.';
COMMENT ON COLUMN run.recorded_in_prefect IS 'Whether Prefect has a record of it.';
COMMENT ON COLUMN run.stage_seconds IS 'stage -> wall time in seconds.';
COMMENT ON COLUMN run.stage_cpu_seconds IS 'stage -> CPU time in seconds.';
COMMENT ON COLUMN run.detail IS 'For people; empty: nothing to say.';

CREATE TABLE feed (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    name VARCHAR NOT NULL,
    outlet VARCHAR,
    language VARCHAR,
    kind VARCHAR NOT NULL CHECK (kind IN ('auto', 'rss', 'atom', 'json', 'sitemap')),
    enabled BOOLEAN NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE feed IS 'The sources of entries, as feeds.toml last named them. A source that it no longer names stays.';
COMMENT ON COLUMN feed.url IS 'Key: the address that is polled.';
COMMENT ON COLUMN feed.name IS 'For people.';
COMMENT ON COLUMN feed.outlet IS 'Host of the outlet without www; NULL: taken from the address of each entry.';
COMMENT ON COLUMN feed.language IS 'BCP 47, as claimed by feeds.toml.';
COMMENT ON COLUMN feed.kind IS 'auto (decided from the body), rss, atom, json, sitemap.';
COMMENT ON COLUMN feed.enabled IS 'Whether it is polled.';
COMMENT ON COLUMN feed.run_id IS 'Run that last changed the row.';

CREATE TABLE feed_state (
    feed_url VARCHAR PRIMARY KEY CHECK (feed_url <> ''),
    etag VARCHAR,
    last_modified VARCHAR,
    body_hash VARCHAR,
    checked_at TIMESTAMPTZ,
    changed_at TIMESTAMPTZ,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    next_poll_at TIMESTAMPTZ,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE feed_state IS 'What the last polls of a feed (or of a sitemap that an index names) left behind.';
COMMENT ON COLUMN feed_state.feed_url IS 'Key: the address that was polled.';
COMMENT ON COLUMN feed_state.etag IS 'Validator, verbatim (RFC 9110, 8.8.3). Always NULL in the published file.';
COMMENT ON COLUMN feed_state.last_modified IS 'Validator, verbatim (RFC 9110, 8.8.2). Always NULL in the published file.';
COMMENT ON COLUMN feed_state.body_hash IS 'xxh3-64 in hex of the last body. Always NULL in the published file.';
COMMENT ON COLUMN feed_state.checked_at IS 'Last poll, whatever came of it.';
COMMENT ON COLUMN feed_state.changed_at IS 'Last poll that brought a body not seen before.';
COMMENT ON COLUMN feed_state.failures IS 'Polls that failed in a row.';
COMMENT ON COLUMN feed_state.next_poll_at IS 'Not polled before; NULL: at once.';
COMMENT ON COLUMN feed_state.run_id IS 'Run that last polled it.';

CREATE TABLE "fetch" (
    url VARCHAR CHECK (url <> ''),
    kind VARCHAR CHECK (kind IN ('feed', 'robots', 'page')),
    fetched_at TIMESTAMPTZ,
    status INTEGER CHECK (status BETWEEN 100 AND 999),
    reason VARCHAR NOT NULL CHECK (reason <> ''),
    detail VARCHAR NOT NULL,
    elapsed_seconds DOUBLE NOT NULL CHECK (elapsed_seconds >= 0),
    wire_bytes BIGINT NOT NULL CHECK (wire_bytes >= 0),
    entries INTEGER CHECK (entries >= 0),
    new_entries INTEGER CHECK (new_entries >= 0),
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (url, kind, fetched_at)
);
COMMENT ON TABLE "fetch" IS 'One row per exchange with a server, whatever came of it. The name is a keyword: write it in double quotes. The published file has the rows of pages.';
COMMENT ON COLUMN "fetch".url IS 'Address as asked. Key, with kind and fetched_at.';
COMMENT ON COLUMN "fetch".kind IS 'What for: feed, robots, page.';
COMMENT ON COLUMN "fetch".fetched_at IS 'When it ended.';
COMMENT ON COLUMN "fetch".status IS 'HTTP status; NULL: no answer.';
COMMENT ON COLUMN "fetch".reason IS 'ok, unchanged, empty, or the reason of the failure.';
COMMENT ON COLUMN "fetch".detail IS 'For people; empty: nothing to say.';
COMMENT ON COLUMN "fetch".elapsed_seconds IS 'Wall time of the exchange.';
COMMENT ON COLUMN "fetch".wire_bytes IS 'Size of the body as transferred.';
COMMENT ON COLUMN "fetch".entries IS 'Feeds: entries in the document.';
COMMENT ON COLUMN "fetch".new_entries IS 'Feeds: URLs that the ledger did not have.';
COMMENT ON COLUMN "fetch".run_id IS 'Run that made it.';

CREATE TABLE entry (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    canonical_url VARCHAR NOT NULL CHECK (canonical_url <> ''),
    feed_url VARCHAR NOT NULL,
    outlet VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL CHECK (last_seen_at >= first_seen_at),
    title VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    guid VARCHAR,
    language VARCHAR,
    published_at TIMESTAMPTZ,
    published_precision VARCHAR CHECK (published_precision IN ('day', 'minute', 'second')),
    published_raw VARCHAR,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    outcome VARCHAR NOT NULL CHECK (outcome IN (
        'pending', 'loaded', 'duplicate_url', 'off_story', 'not_article', 'gone', 'refused', 'failed', 'lead')),
    reason VARCHAR NOT NULL CHECK (reason <> ''),
    detail VARCHAR NOT NULL,
    article_url VARCHAR,
    next_attempt_at TIMESTAMPTZ CHECK (next_attempt_at IS NULL OR outcome = 'pending'),
    decided_at TIMESTAMPTZ NOT NULL,
    decided_run_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE entry IS 'The ledger: every URL ever discovered, written down before anything is fetched, with the one outcome it has now.';
COMMENT ON COLUMN entry.url IS 'Key: the address as discovered.';
COMMENT ON COLUMN entry.canonical_url IS 'Identity of the address: spellings of one address share it.';
COMMENT ON COLUMN entry.feed_url IS 'Feed that showed it first.';
COMMENT ON COLUMN entry.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN entry.first_seen_at IS 'When it was discovered, by our clock.';
COMMENT ON COLUMN entry.last_seen_at IS 'When a feed last showed it, by our clock.';
COMMENT ON COLUMN entry.title IS 'Headline in the feed, plain text; empty: none.';
COMMENT ON COLUMN entry.summary IS 'Summary in the feed, plain text; empty: none, or texts are not published.';
COMMENT ON COLUMN entry.guid IS 'Identifier that the feed gives it.';
COMMENT ON COLUMN entry.language IS 'BCP 47, as the feed claims.';
COMMENT ON COLUMN entry.published_at IS 'When it was published, as the feed claims; NULL when absent or absurd.';
COMMENT ON COLUMN entry.published_precision IS 'How exact published_at is: day, minute, second.';
COMMENT ON COLUMN entry.published_raw IS 'The feed''s own words for it.';
COMMENT ON COLUMN entry.attempts IS 'Fetches so far.';
COMMENT ON COLUMN entry.outcome IS 'Where it stands: pending, loaded, duplicate_url, off_story, not_article, gone, refused, failed, lead.';
COMMENT ON COLUMN entry.reason IS 'Why it stands there; a word of the closed list in extractors/records.py.';
COMMENT ON COLUMN entry.detail IS 'For people; empty: nothing to say.';
COMMENT ON COLUMN entry.article_url IS 'Stored article that it led to or is another address of; NULL: none.';
COMMENT ON COLUMN entry.next_attempt_at IS 'Pending only: not fetched before; NULL: at once.';
COMMENT ON COLUMN entry.decided_at IS 'When the outcome was decided.';
COMMENT ON COLUMN entry.decided_run_id IS 'Run that decided the outcome.';
COMMENT ON COLUMN entry.run_id IS 'Run that discovered it.';

CREATE TABLE decision (
    url VARCHAR CHECK (url <> ''),
    decided_at TIMESTAMPTZ,
    outcome VARCHAR CHECK (outcome IN (
        'pending', 'loaded', 'duplicate_url', 'off_story', 'not_article', 'gone', 'refused', 'failed', 'lead')),
    reason VARCHAR CHECK (reason <> ''),
    attempts INTEGER CHECK (attempts >= 0),
    detail VARCHAR NOT NULL,
    article_url VARCHAR,
    next_attempt_at TIMESTAMPTZ CHECK (next_attempt_at IS NULL OR outcome = 'pending'),
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (url, decided_at, outcome, reason, attempts)
);
COMMENT ON TABLE decision IS 'History of the ledger: every change of an outcome, the first one at discovery. The key is all that makes two changes differ, so a batch repeated adds nothing.';
COMMENT ON COLUMN decision.url IS 'The ledger entry.';
COMMENT ON COLUMN decision.decided_at IS 'When it was decided.';
COMMENT ON COLUMN decision.outcome IS 'Where the URL stood from then on.';
COMMENT ON COLUMN decision.reason IS 'Why; a word of the closed list in extractors/records.py.';
COMMENT ON COLUMN decision.attempts IS 'Fetches until then.';
COMMENT ON COLUMN decision.detail IS 'For people; empty: nothing to say.';
COMMENT ON COLUMN decision.article_url IS 'Stored article that it led to or is another address of; NULL: none.';
COMMENT ON COLUMN decision.next_attempt_at IS 'Pending only: not fetched before; NULL: at once.';
COMMENT ON COLUMN decision.run_id IS 'Run that decided it.';

CREATE TABLE article (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    entry_url VARCHAR NOT NULL,
    final_url VARCHAR NOT NULL,
    outlet VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    word_count INTEGER NOT NULL CHECK (word_count >= 0),
    fetched_at TIMESTAMPTZ NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    canonical_link VARCHAR CHECK (canonical_link <> ''),
    authors VARCHAR[] NOT NULL,
    language VARCHAR,
    published_at TIMESTAMPTZ,
    published_precision VARCHAR CHECK (published_precision IN ('day', 'minute', 'second')),
    published_source VARCHAR CHECK (published_source IN ('page', 'feed')),
    extractor VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL CHECK (content_hash <> ''),
    shingle_length INTEGER NOT NULL CHECK (shingle_length > 0),
    sketch_size INTEGER NOT NULL CHECK (sketch_size >= 0),
    fingerprint_version INTEGER NOT NULL CHECK (fingerprint_version > 0),
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE article IS 'Stored articles, on the story or not, without their texts (see article_text).';
COMMENT ON COLUMN article.url IS 'Key: canonical form of the address that answered.';
COMMENT ON COLUMN article.canonical_link IS 'Another address of the outlet that the page names as its own (rel=canonical); NULL: none.';
COMMENT ON COLUMN article.entry_url IS 'Ledger entry that led here.';
COMMENT ON COLUMN article.final_url IS 'Address that answered, after redirects.';
COMMENT ON COLUMN article.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN article.title IS 'Headline.';
COMMENT ON COLUMN article.word_count IS 'Words in the text.';
COMMENT ON COLUMN article.fetched_at IS 'When the page was fetched.';
COMMENT ON COLUMN article.first_seen_at IS 'When its URL was discovered, by our clock.';
COMMENT ON COLUMN article.authors IS 'As the page names them; empty: none named.';
COMMENT ON COLUMN article.language IS 'BCP 47 primary tag; NULL: unknown.';
COMMENT ON COLUMN article.published_at IS 'As the page or the feed claims; never invented, NULL when unknown.';
COMMENT ON COLUMN article.published_precision IS 'How exact published_at is: day, minute, second.';
COMMENT ON COLUMN article.published_source IS 'Who claims published_at: page, feed.';
COMMENT ON COLUMN article.extractor IS 'Program and version that took the text out of the page.';
COMMENT ON COLUMN article.content_hash IS 'xxh3-128 in hex of the normalised words of the text.';
COMMENT ON COLUMN article.shingle_length IS 'Words per shingle of its fingerprint.';
COMMENT ON COLUMN article.sketch_size IS 'Hashes in its sketch.';
COMMENT ON COLUMN article.fingerprint_version IS 'Format of its fingerprint; only equal ones can be compared.';
COMMENT ON COLUMN article.run_id IS 'Run that stored it.';

CREATE TABLE article_text (
    article_url VARCHAR PRIMARY KEY,
    text VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE article_text IS 'Main content of the articles, apart so that questions about articles need not read it. Empty where texts are not published.';
COMMENT ON COLUMN article_text.article_url IS 'Key: the article.';
COMMENT ON COLUMN article_text.text IS 'Main content; paragraphs are separated by one newline.';
COMMENT ON COLUMN article_text.run_id IS 'Run that stored it.';

CREATE TABLE story_match (
    article_url VARCHAR PRIMARY KEY,
    relevance VARCHAR NOT NULL CHECK (relevance IN ('core', 'related', 'off')),
    score DOUBLE NOT NULL CHECK (score BETWEEN 0 AND 1),
    rule VARCHAR NOT NULL,
    hits STRUCT("group" VARCHAR, field VARCHAR, count INTEGER, places STRUCT("start" INTEGER, "end" INTEGER)[])[] NOT NULL,
    story_version VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE story_match IS 'How a stored article stands to the story, and why.';
COMMENT ON COLUMN story_match.article_url IS 'Key: the article.';
COMMENT ON COLUMN story_match.relevance IS 'core (reports the story), related (mentions it substantially), off (neither).';
COMMENT ON COLUMN story_match.score IS 'In [0, 1].';
COMMENT ON COLUMN story_match.rule IS 'Name of the combination of terms that decided.';
COMMENT ON COLUMN story_match.hits IS 'Groups of story terms that matched: group, field, count, and the first places as [start, end) in characters.';
COMMENT ON COLUMN story_match.story_version IS 'Digest of the story.toml that was applied.';
COMMENT ON COLUMN story_match.run_id IS 'Run that decided it.';

CREATE TABLE verdict (
    article_url VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL CHECK (kind IN ('exact', 'near', 'rewrite', 'independent')),
    "of" VARCHAR,
    containment DOUBLE NOT NULL CHECK (containment BETWEEN 0 AND 1),
    resemblance DOUBLE NOT NULL CHECK (resemblance BETWEEN 0 AND 1),
    shared_shingles INTEGER NOT NULL CHECK (shared_shingles >= 0),
    containment_threshold DOUBLE NOT NULL CHECK (containment_threshold BETWEEN 0 AND 1),
    resemblance_threshold DOUBLE NOT NULL CHECK (resemblance_threshold BETWEEN 0 AND 1),
    lead_seconds DOUBLE,
    run_id VARCHAR NOT NULL,
    CHECK ((kind = 'independent') = ("of" IS NULL))
);
COMMENT ON TABLE verdict IS 'What an on-story article is to those before it. Articles off the story have no row.';
COMMENT ON COLUMN verdict.article_url IS 'Key: the article.';
COMMENT ON COLUMN verdict.kind IS 'exact (the same words), near (shares word 3-grams), rewrite (paraphrase), independent.';
COMMENT ON COLUMN verdict."of" IS 'URL of the original, or seed:<slug>; NULL: independent.';
COMMENT ON COLUMN verdict.containment IS 'Share of its shingles that the other text has, in [0, 1]; of the best found.';
COMMENT ON COLUMN verdict.resemblance IS 'Jaccard index of both sets of shingles, in [0, 1].';
COMMENT ON COLUMN verdict.shared_shingles IS 'Shingles that both texts have.';
COMMENT ON COLUMN verdict.containment_threshold IS 'Containment from which it would be near.';
COMMENT ON COLUMN verdict.resemblance_threshold IS 'Resemblance from which it would be near.';
COMMENT ON COLUMN verdict.lead_seconds IS 'Time after the publication of the original; NULL: unknown.';
COMMENT ON COLUMN verdict.run_id IS 'Run that decided it.';

CREATE TABLE posting (
    hash UBIGINT NOT NULL,
    article_url VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE posting IS 'Sketches of the on-story articles, one row per hash: finds the candidates for a copy. No key: an index over it would outgrow the texts; a sketch is written once, with its article.';
COMMENT ON COLUMN posting.hash IS 'xxh3-64 of a shingle that is part of the sketch.';
COMMENT ON COLUMN posting.article_url IS 'The article that has it.';
COMMENT ON COLUMN posting.run_id IS 'Run that stored it.';

CREATE TABLE seed (
    slug VARCHAR PRIMARY KEY CHECK (slug <> ''),
    title VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    outlet VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    published_at TIMESTAMPTZ,
    published_precision VARCHAR CHECK (published_precision IN ('day', 'minute', 'second')),
    facts VARCHAR[] NOT NULL,
    content_hash VARCHAR NOT NULL,
    shingle_length INTEGER NOT NULL CHECK (shingle_length > 0),
    shingle_count INTEGER NOT NULL CHECK (shingle_count >= 0),
    fingerprint_version INTEGER NOT NULL CHECK (fingerprint_version > 0),
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE seed IS 'Articles that others are held against. Their shingles stay in the seed files, which are the source.';
COMMENT ON COLUMN seed.slug IS 'Key: name of the seed file; a verdict names it as seed:<slug>.';
COMMENT ON COLUMN seed.title IS 'Headline.';
COMMENT ON COLUMN seed.url IS 'Address of the article.';
COMMENT ON COLUMN seed.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN seed.language IS 'BCP 47.';
COMMENT ON COLUMN seed.published_at IS 'When it was published; NULL: unknown.';
COMMENT ON COLUMN seed.published_precision IS 'How exact published_at is: day, minute, second.';
COMMENT ON COLUMN seed.facts IS 'What it says, in our own words.';
COMMENT ON COLUMN seed.content_hash IS 'xxh3-128 in hex of its normalised words.';
COMMENT ON COLUMN seed.shingle_length IS 'Words per shingle of its fingerprint.';
COMMENT ON COLUMN seed.shingle_count IS 'Distinct shingles of its fingerprint.';
COMMENT ON COLUMN seed.fingerprint_version IS 'Format of its fingerprint.';
COMMENT ON COLUMN seed.run_id IS 'Run that last changed the row.';
