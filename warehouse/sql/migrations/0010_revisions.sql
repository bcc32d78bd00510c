-- Purpose: what articles said before their pages were read again.
-- Result: none. Several statements.

CREATE TABLE revision (
    article_url VARCHAR CHECK (article_url <> ''),
    run_id VARCHAR CHECK (run_id <> ''),
    fetched_at TIMESTAMPTZ,
    revised_at TIMESTAMPTZ NOT NULL,
    cause VARCHAR NOT NULL CHECK (cause IN ('refetch', 'reextract')),
    changed VARCHAR[] NOT NULL,
    old_title VARCHAR,
    new_title VARCHAR,
    old_text VARCHAR,
    words_added_share DOUBLE CHECK (words_added_share BETWEEN 0 AND 1),
    words_removed_share DOUBLE CHECK (words_removed_share BETWEEN 0 AND 1),
    old_content_hash VARCHAR,
    new_content_hash VARCHAR,
    old_extractor VARCHAR,
    new_extractor VARCHAR,
    old_fetched_at TIMESTAMPTZ,
    PRIMARY KEY (article_url, run_id, fetched_at)
);
COMMENT ON TABLE revision IS 'One row per time that the page of an article was read again and gave something else: what the article was before. Nothing is ever deleted.';
COMMENT ON COLUMN revision.article_url IS 'The article. Key, with run_id and fetched_at.';
COMMENT ON COLUMN revision.run_id IS 'Run that found the difference.';
COMMENT ON COLUMN revision.fetched_at IS 'When the page was fetched that was read.';
COMMENT ON COLUMN revision.revised_at IS 'When the difference was found.';
COMMENT ON COLUMN revision.cause IS 'refetch (the page was asked for again) or reextract (the same bytes, read by another extractor).';
COMMENT ON COLUMN revision.changed IS 'Columns of article, and text, that have another value since then, in alphabetical order.';
COMMENT ON COLUMN revision.old_title IS 'Headline before; NULL: it was no article before.';
COMMENT ON COLUMN revision.new_title IS 'Headline after; NULL: it is no article any more.';
COMMENT ON COLUMN revision.old_text IS 'Text before; NULL: it was no article before, or texts are not published.';
COMMENT ON COLUMN revision.words_added_share IS 'Share of the words of the new text that the old one did not have, each counted as often as it occurs; NULL: there is no new text.';
COMMENT ON COLUMN revision.words_removed_share IS 'Share of the words of the old text that the new one does not have; NULL: there was no old text.';
COMMENT ON COLUMN revision.old_content_hash IS 'xxh3-128 in hex of the normalised words before; NULL: no text.';
COMMENT ON COLUMN revision.new_content_hash IS 'The same after; NULL: no text.';
COMMENT ON COLUMN revision.old_extractor IS 'Program and version that took the old text out of the page; NULL: no text.';
COMMENT ON COLUMN revision.new_extractor IS 'The same of the new text; NULL: no text.';
COMMENT ON COLUMN revision.old_fetched_at IS 'When the page of the old text was fetched; NULL: no text.';

CREATE VIEW revision_history AS
SELECT
    r.article_url,
    a.outlet,
    r.revised_at,
    r.cause,
    r.old_title,
    r.new_title,
    r.old_title IS DISTINCT FROM r.new_title AS has_new_title,
    r.words_added_share,
    r.words_removed_share,
    r.changed,
    r.old_fetched_at,
    r.fetched_at,
    r.old_extractor,
    r.new_extractor,
    r.old_text,
    r.run_id
FROM revision AS r
LEFT JOIN article AS a ON a.url = r.article_url
ORDER BY r.article_url, r.revised_at, r.fetched_at;
COMMENT ON VIEW revision_history IS 'What articles said before their pages were read again, the oldest first; the present text is in article_all.';
COMMENT ON COLUMN revision_history.article_url IS 'The article; several rows if it changed several times.';
COMMENT ON COLUMN revision_history.outlet IS 'Host of the outlet without www; NULL: it is no article any more.';
COMMENT ON COLUMN revision_history.revised_at IS 'When the difference was found.';
COMMENT ON COLUMN revision_history.cause IS 'refetch (the page was asked for again) or reextract (the same bytes, read by another extractor).';
COMMENT ON COLUMN revision_history.old_title IS 'Headline before; NULL: it was no article before.';
COMMENT ON COLUMN revision_history.new_title IS 'Headline after; NULL: it is no article any more.';
COMMENT ON COLUMN revision_history.has_new_title IS 'Whether the headline changed.';
COMMENT ON COLUMN revision_history.words_added_share IS 'Share of the words of the new text that the old one did not have; NULL: there is no new text.';
COMMENT ON COLUMN revision_history.words_removed_share IS 'Share of the words of the old text that the new one does not have; NULL: there was no old text.';
COMMENT ON COLUMN revision_history.changed IS 'What has another value since then: columns of article, and text.';
COMMENT ON COLUMN revision_history.old_fetched_at IS 'When the page of the old text was fetched.';
COMMENT ON COLUMN revision_history.fetched_at IS 'When the page was fetched that was read.';
COMMENT ON COLUMN revision_history.old_extractor IS 'Program and version that took the old text out of the page.';
COMMENT ON COLUMN revision_history.new_extractor IS 'The same of the new text.';
COMMENT ON COLUMN revision_history.old_text IS 'Text before; NULL: it was no article before, or texts are not published.';
COMMENT ON COLUMN revision_history.run_id IS 'Run that found the difference.';

COMMENT ON TABLE story_match_past IS 'How an article stood to the story before it was decided again (storywatch rescore), or before its page gave another text.';
COMMENT ON TABLE verdict_history IS 'Verdicts that no longer hold, because an older article came later or a text changed: the verdict that holds is in table verdict.';
