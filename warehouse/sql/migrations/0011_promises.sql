-- Purpose: what extractors/records.py promises of rows holds in the tables too: a reason belongs to its outcome, shares lie in
--   [0, 1], lists are closed, a precision has a time. A CHECK can't be added to a table, so each is made anew with its rows.
--   Two tables get names like the others' (singular; history).
--   What an older storywatch may have written otherwise (a precision of no time, a likeness to nothing) is put right on the way.
-- Result: none. Several statements.

ALTER TABLE url_rules RENAME TO url_rule;
ALTER TABLE story_match_past RENAME TO story_match_history;

ALTER TABLE entry RENAME TO entry_before;
CREATE TABLE entry (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    canonical_url VARCHAR NOT NULL CHECK (canonical_url <> ''),
    feed_url VARCHAR NOT NULL CHECK (feed_url <> ''),
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
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    article_url VARCHAR CHECK (article_url <> ''),
    next_attempt_at TIMESTAMPTZ CHECK (next_attempt_at IS NULL OR outcome = 'pending'),
    decided_at TIMESTAMPTZ NOT NULL,
    decided_run_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    CHECK (published_at IS NOT NULL OR published_precision IS NULL),
    CHECK (CASE outcome
        WHEN 'pending' THEN reason IN ('queued', 'shown_again', 'retry')
        WHEN 'loaded' THEN reason IN ('exact', 'near', 'rewrite', 'independent')
        WHEN 'duplicate_url' THEN reason IN ('same_canonical', 'redirect', 'same_guid', 'canonical_link')
        WHEN 'off_story' THEN reason IN ('gate', 'score')
        WHEN 'not_article' THEN reason IN ('consent', 'bot_challenge', 'paywall_stub', 'soft_404', 'login',
            'listing', 'video_or_gallery', 'too_short', 'unsupported_type', 'empty_body')
        WHEN 'gone' THEN reason IN ('http_gone')
        WHEN 'refused' THEN reason IN ('robots', 'robots_unavailable', 'blocked', 'bad_url', 'forbidden')
        WHEN 'failed' THEN reason IN ('timeout', 'too_large', 'decode_error', 'truncated', 'protocol_error',
            'connection_error', 'dns_error', 'tls_error', 'too_many_redirects', 'rate_limited', 'server_error',
            'http_error', 'not_a_feed', 'extraction_lost', 'extraction_killed')
        WHEN 'lead' THEN reason IN ('unresolved')
    END)
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
INSERT INTO entry BY NAME
SELECT * REPLACE (CASE WHEN published_at IS NOT NULL THEN published_precision END AS published_precision) FROM entry_before;
DROP TABLE entry_before;

ALTER TABLE decision RENAME TO decision_before;
CREATE TABLE decision (
    url VARCHAR CHECK (url <> ''),
    decided_at TIMESTAMPTZ,
    outcome VARCHAR CHECK (outcome IN (
        'pending', 'loaded', 'duplicate_url', 'off_story', 'not_article', 'gone', 'refused', 'failed', 'lead')),
    reason VARCHAR,
    attempts INTEGER CHECK (attempts >= 0),
    detail VARCHAR NOT NULL,
    article_url VARCHAR CHECK (article_url <> ''),
    next_attempt_at TIMESTAMPTZ CHECK (next_attempt_at IS NULL OR outcome = 'pending'),
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (url, decided_at, outcome, reason, attempts),
    CHECK (CASE outcome
        WHEN 'pending' THEN reason IN ('queued', 'shown_again', 'retry')
        WHEN 'loaded' THEN reason IN ('exact', 'near', 'rewrite', 'independent')
        WHEN 'duplicate_url' THEN reason IN ('same_canonical', 'redirect', 'same_guid', 'canonical_link')
        WHEN 'off_story' THEN reason IN ('gate', 'score')
        WHEN 'not_article' THEN reason IN ('consent', 'bot_challenge', 'paywall_stub', 'soft_404', 'login',
            'listing', 'video_or_gallery', 'too_short', 'unsupported_type', 'empty_body')
        WHEN 'gone' THEN reason IN ('http_gone')
        WHEN 'refused' THEN reason IN ('robots', 'robots_unavailable', 'blocked', 'bad_url', 'forbidden')
        WHEN 'failed' THEN reason IN ('timeout', 'too_large', 'decode_error', 'truncated', 'protocol_error',
            'connection_error', 'dns_error', 'tls_error', 'too_many_redirects', 'rate_limited', 'server_error',
            'http_error', 'not_a_feed', 'extraction_lost', 'extraction_killed')
        WHEN 'lead' THEN reason IN ('unresolved')
    END)
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
INSERT INTO decision BY NAME FROM decision_before;
DROP TABLE decision_before;

ALTER TABLE article RENAME TO article_before;
CREATE TABLE article (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    entry_url VARCHAR NOT NULL CHECK (entry_url <> ''),
    final_url VARCHAR NOT NULL CHECK (final_url <> ''),
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
    run_id VARCHAR NOT NULL,
    language_confidence DOUBLE CHECK (language_confidence BETWEEN 0 AND 1),
    published_from VARCHAR CHECK (published_from IN ('json-ld', 'meta', 'time', 'url', 'feed')),
    published_offset_minutes INTEGER CHECK (published_offset_minutes BETWEEN -1439 AND 1439),
    published_gap_seconds DOUBLE,
    modified_at TIMESTAMPTZ,
    modified_precision VARCHAR CHECK (modified_precision IN ('day', 'minute', 'second')),
    section VARCHAR,
    lead_image_url VARCHAR,
    page_class VARCHAR CHECK (page_class IN ('article', 'live_blog')),
    class_evidence VARCHAR,
    CHECK (published_at IS NOT NULL OR coalesce(published_precision, published_source, published_from) IS NULL),
    CHECK (modified_at IS NOT NULL OR modified_precision IS NULL)
);
COMMENT ON TABLE article IS 'Stored articles, on the story or not, without their texts (see article_text).';
COMMENT ON COLUMN article.url IS 'Key: canonical form of the address that answered.';
COMMENT ON COLUMN article.entry_url IS 'Ledger entry that led here.';
COMMENT ON COLUMN article.final_url IS 'Address that answered, after redirects.';
COMMENT ON COLUMN article.outlet IS 'Host of the outlet without www.';
COMMENT ON COLUMN article.title IS 'Headline.';
COMMENT ON COLUMN article.word_count IS 'Words in the text.';
COMMENT ON COLUMN article.fetched_at IS 'When the page was fetched.';
COMMENT ON COLUMN article.first_seen_at IS 'When its URL was discovered, by our clock.';
COMMENT ON COLUMN article.canonical_link IS 'Another address of the outlet that the page names as its own (rel=canonical); NULL: none.';
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
COMMENT ON COLUMN article.language_confidence IS 'Probability of language by the text, in [0, 1]; NULL: claimed by the page or the feed, not detected.';
COMMENT ON COLUMN article.published_from IS 'Where published_at is stated: json-ld, meta, time (an element beside the headline), url, feed; NULL: unknown.';
COMMENT ON COLUMN article.published_offset_minutes IS 'Zone in which the page states published_at, in minutes east of UTC; NULL: it states none.';
COMMENT ON COLUMN article.published_gap_seconds IS 'Time from the date that the feed claims to the one that the page states; NULL: not both claim one.';
COMMENT ON COLUMN article.modified_at IS 'When it was last changed, as the page states; NULL: it does not.';
COMMENT ON COLUMN article.modified_precision IS 'How exact modified_at is: day, minute, second.';
COMMENT ON COLUMN article.section IS 'Section of the outlet, as the page names it; NULL: none named.';
COMMENT ON COLUMN article.lead_image_url IS 'Address of the picture that stands for the article; NULL: none named.';
COMMENT ON COLUMN article.page_class IS 'article or live_blog; NULL: stored before classes were kept.';
COMMENT ON COLUMN article.class_evidence IS 'What decided the class, in words; NULL: stored before classes were kept.';
INSERT INTO article BY NAME
SELECT * REPLACE (
    CASE WHEN published_at IS NOT NULL THEN published_precision END AS published_precision,
    CASE WHEN published_at IS NOT NULL THEN published_source END AS published_source,
    CASE WHEN published_at IS NOT NULL THEN published_from END AS published_from,
    CASE WHEN modified_at IS NOT NULL THEN modified_precision END AS modified_precision)
FROM article_before;
DROP TABLE article_before;

ALTER TABLE verdict RENAME TO verdict_before;
CREATE TABLE verdict (
    article_url VARCHAR PRIMARY KEY CHECK (article_url <> ''),
    kind VARCHAR NOT NULL CHECK (kind IN ('exact', 'near', 'rewrite', 'independent')),
    "of" VARCHAR,
    containment DOUBLE NOT NULL CHECK (containment BETWEEN 0 AND 1),
    resemblance DOUBLE NOT NULL CHECK (resemblance BETWEEN 0 AND 1),
    shared_shingles INTEGER NOT NULL CHECK (shared_shingles >= 0),
    containment_threshold DOUBLE NOT NULL CHECK (containment_threshold BETWEEN 0 AND 1),
    resemblance_threshold DOUBLE NOT NULL CHECK (resemblance_threshold BETWEEN 0 AND 1),
    lead_seconds DOUBLE,
    run_id VARCHAR NOT NULL,
    similarity DOUBLE CHECK (similarity BETWEEN 0 AND 1),
    similar_to VARCHAR,
    similarity_threshold DOUBLE CHECK (similarity_threshold BETWEEN 0 AND 1),
    CHECK ((kind = 'independent') = ("of" IS NULL)),
    CHECK ((similarity IS NULL) = (similar_to IS NULL))
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
COMMENT ON COLUMN verdict.similarity IS 'Share of it that the most similar earlier text tells in the same order, in [0, 1]; NULL: not compared, as for exact and near.';
COMMENT ON COLUMN verdict.similar_to IS 'URL, or seed:<slug>, that similarity is to; NULL: not compared.';
COMMENT ON COLUMN verdict.similarity_threshold IS 'Similarity from which it would be a rewrite; NULL: not compared.';
INSERT INTO verdict BY NAME
SELECT * REPLACE (
    CASE WHEN similar_to IS NOT NULL THEN similarity END AS similarity,
    CASE WHEN similarity IS NOT NULL THEN similar_to END AS similar_to)
FROM verdict_before;
DROP TABLE verdict_before;

ALTER TABLE verdict_history RENAME TO verdict_history_before;
CREATE TABLE verdict_history (
    article_url VARCHAR CHECK (article_url <> ''),
    revision INTEGER CHECK (revision > 0),
    kind VARCHAR NOT NULL CHECK (kind IN ('exact', 'near', 'rewrite', 'independent')),
    "of" VARCHAR,
    containment DOUBLE NOT NULL CHECK (containment BETWEEN 0 AND 1),
    resemblance DOUBLE NOT NULL CHECK (resemblance BETWEEN 0 AND 1),
    shared_shingles INTEGER NOT NULL CHECK (shared_shingles >= 0),
    similarity DOUBLE CHECK (similarity BETWEEN 0 AND 1),
    lead_seconds DOUBLE,
    superseded_at TIMESTAMPTZ NOT NULL,
    superseded_run_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (article_url, revision),
    CHECK ((kind = 'independent') = ("of" IS NULL))
);
COMMENT ON TABLE verdict_history IS 'Verdicts that no longer hold, because an older article came later or a text changed: the verdict that holds is in table verdict.';
COMMENT ON COLUMN verdict_history.article_url IS 'The article. Key, with revision.';
COMMENT ON COLUMN verdict_history.revision IS 'Number of the verdict among those of its article that were superseded, from 1.';
COMMENT ON COLUMN verdict_history.kind IS 'exact, near, rewrite, independent.';
COMMENT ON COLUMN verdict_history."of" IS 'URL of what was taken for the original, or seed:<slug>; NULL: independent.';
COMMENT ON COLUMN verdict_history.containment IS 'As in verdict.';
COMMENT ON COLUMN verdict_history.resemblance IS 'As in verdict.';
COMMENT ON COLUMN verdict_history.shared_shingles IS 'As in verdict.';
COMMENT ON COLUMN verdict_history.similarity IS 'As in verdict.';
COMMENT ON COLUMN verdict_history.lead_seconds IS 'As in verdict.';
COMMENT ON COLUMN verdict_history.superseded_at IS 'When another verdict took its place.';
COMMENT ON COLUMN verdict_history.superseded_run_id IS 'Run that put another verdict in its place.';
COMMENT ON COLUMN verdict_history.run_id IS 'Run that had decided it.';
INSERT INTO verdict_history BY NAME FROM verdict_history_before;
DROP TABLE verdict_history_before;

ALTER TABLE feed_state RENAME TO feed_state_before;
CREATE TABLE feed_state (
    feed_url VARCHAR PRIMARY KEY CHECK (feed_url <> ''),
    etag VARCHAR,
    last_modified VARCHAR,
    body_hash VARCHAR,
    checked_at TIMESTAMPTZ,
    changed_at TIMESTAMPTZ,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    next_poll_at TIMESTAMPTZ,
    run_id VARCHAR NOT NULL,
    has_false_validators BOOLEAN NOT NULL DEFAULT false,
    answered_at TIMESTAMPTZ,
    full_fetch_at TIMESTAMPTZ,
    last_new_entry_at TIMESTAMPTZ,
    newest_published_at TIMESTAMPTZ,
    entry_count INTEGER CHECK (entry_count >= 0),
    usual_entries_per_hour DOUBLE CHECK (usual_entries_per_hour >= 0),
    recent_entries_per_hour DOUBLE CHECK (recent_entries_per_hour >= 0),
    ttl_seconds DOUBLE CHECK (ttl_seconds >= 0),
    interval_seconds DOUBLE CHECK (interval_seconds >= 0),
    not_before_at TIMESTAMPTZ,
    backoff DOUBLE NOT NULL DEFAULT 0 CHECK (backoff >= 0),
    failing_since_at TIMESTAMPTZ,
    failure_reason VARCHAR,
    failure_detail VARCHAR
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
INSERT INTO feed_state BY NAME FROM feed_state_before;
DROP TABLE feed_state_before;
