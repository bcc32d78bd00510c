-- Purpose: verdicts that can be superseded, with their history and how similar the sentences are; candidates found by
--   numbers instead of addresses; the view of who copied whom. The sketches are made anew from the texts at the next run.
-- Result: tables verdict_history, sketch, seed_text, another table posting, view duplicate_group, columns of verdict.

ALTER TABLE verdict ADD COLUMN similarity DOUBLE;
ALTER TABLE verdict ADD COLUMN similar_to VARCHAR;
ALTER TABLE verdict ADD COLUMN similarity_threshold DOUBLE;
COMMENT ON COLUMN verdict.similarity IS 'Share of it that the most similar earlier text tells in the same order, in [0, 1]; NULL: not compared, as for exact and near.';
COMMENT ON COLUMN verdict.similar_to IS 'URL, or seed:<slug>, that similarity is to; NULL: not compared.';
COMMENT ON COLUMN verdict.similarity_threshold IS 'Similarity from which it would be a rewrite; NULL: not compared.';

CREATE TABLE verdict_history (
    article_url VARCHAR,
    revision INTEGER CHECK (revision > 0),
    kind VARCHAR NOT NULL CHECK (kind IN ('exact', 'near', 'rewrite', 'independent')),
    "of" VARCHAR,
    containment DOUBLE NOT NULL,
    resemblance DOUBLE NOT NULL,
    shared_shingles INTEGER NOT NULL,
    similarity DOUBLE,
    lead_seconds DOUBLE,
    superseded_at TIMESTAMPTZ NOT NULL,
    superseded_run_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (article_url, revision)
);
COMMENT ON TABLE verdict_history IS 'Verdicts that no longer hold, because an older article came later: the verdict that holds is in table verdict.';
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

CREATE TABLE sketch (
    sketch_id INTEGER PRIMARY KEY,
    article_url VARCHAR NOT NULL,
    content_key UBIGINT NOT NULL,
    placed_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE sketch IS 'On-story articles as candidates for an original: one narrow row each, so that finding the equal ones reads eight bytes per article.';
COMMENT ON COLUMN sketch.sketch_id IS 'Key: a number that stands for the article in posting.';
COMMENT ON COLUMN sketch.article_url IS 'The article.';
COMMENT ON COLUMN sketch.content_key IS 'First half of its content_hash.';
COMMENT ON COLUMN sketch.placed_at IS 'published_at, else first_seen_at: where it stands among the others.';
COMMENT ON COLUMN sketch.published_at IS 'As the article''s.';
COMMENT ON COLUMN sketch.first_seen_at IS 'As the article''s.';
COMMENT ON COLUMN sketch.size IS 'Hashes in it.';
COMMENT ON COLUMN sketch.run_id IS 'Run that stored it.';

DROP TABLE posting;
CREATE TABLE posting (
    hash UINTEGER NOT NULL,
    day INTEGER NOT NULL,
    sketch_id INTEGER NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE posting IS 'The hashes of the sketches, one row each: finds the candidates for a copy. No key: an index over it would outgrow the texts; a sketch is written once, with its article.';
COMMENT ON COLUMN posting.hash IS 'Last 32 bits of the xxh3-64 of a shingle that is part of the sketch.';
COMMENT ON COLUMN posting.day IS 'Days from 1970-01-01 to the placed_at of the sketch: blocks of rows outside the window are not read.';
COMMENT ON COLUMN posting.sketch_id IS 'The sketch that has it.';
COMMENT ON COLUMN posting.run_id IS 'Run that stored it.';

CREATE TABLE seed_text (
    slug VARCHAR PRIMARY KEY CHECK (slug <> ''),
    text VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE seed_text IS 'Texts of seeds that were to be kept (storywatch seed add --keep-text). They are in the private file alone, and never published.';
COMMENT ON COLUMN seed_text.slug IS 'Key: the seed.';
COMMENT ON COLUMN seed_text.text IS 'Its main content; paragraphs are separated by one newline.';
COMMENT ON COLUMN seed_text.run_id IS 'What kept it: a run, or "seed add".';

CREATE VIEW duplicate_group AS
WITH RECURSIVE way AS (
    SELECT article_url, "of" AS original, 1 AS steps FROM verdict WHERE "of" IS NOT NULL
    UNION ALL
    SELECT w.article_url, v."of", w.steps + 1
    FROM way AS w
    JOIN verdict AS v ON v.article_url = w.original
    WHERE v."of" IS NOT NULL
),
copy AS (
    SELECT article_url, arg_max(original, steps) AS original FROM way GROUP BY article_url
),
told AS (
    SELECT
        c.original,
        coalesce(s.title, o.title) AS original_title,
        coalesce(s.outlet, o.outlet) AS original_outlet,
        coalesce(s.language, o.language) AS original_language,
        CASE WHEN s.slug IS NOT NULL THEN s.published_at ELSE o.published_at END AS original_published_at,
        a.url,
        a.outlet,
        a.language,
        a.published_at,
        a.first_seen_at,
        v.kind,
        v."of"
    FROM copy AS c
    JOIN article AS a ON a.url = c.article_url
    JOIN verdict AS v ON v.article_url = c.article_url
    LEFT JOIN seed AS s ON c.original = 'seed:' || s.slug
    LEFT JOIN article AS o ON o.url = c.original
)
SELECT
    original,
    original_title,
    original_outlet,
    original_language,
    original_published_at,
    count(*) AS copies,
    count(*) FILTER (WHERE kind = 'exact') AS exact_copies,
    count(*) FILTER (WHERE kind = 'near') AS near_copies,
    count(*) FILTER (WHERE kind = 'rewrite') AS rewrites,
    min(date_diff('millisecond', original_published_at, published_at)) / 1000.0::DOUBLE AS first_lead_seconds,
    median(date_diff('millisecond', original_published_at, published_at)) / 1000.0::DOUBLE AS median_lead_seconds,
    max(date_diff('millisecond', original_published_at, published_at)) / 1000.0::DOUBLE AS last_lead_seconds,
    count(DISTINCT outlet) AS outlet_count,
    list_sort(list(DISTINCT outlet)) AS outlets,
    list_sort(coalesce(list(DISTINCT language) FILTER (WHERE language IS NOT NULL), [])) AS languages,
    list(
        {'url': url, 'kind': kind, 'of': "of", 'outlet': outlet, 'language': language,
         'lead_seconds': date_diff('millisecond', original_published_at, published_at) / 1000.0::DOUBLE}
        ORDER BY coalesce(published_at, first_seen_at), url) AS members
FROM told
GROUP BY original, original_title, original_outlet, original_language, original_published_at
ORDER BY copies DESC, original;
COMMENT ON VIEW duplicate_group IS 'Who copied whom: one row per original that has copies, the most copied first. A copy of a copy belongs to the group of the original.';
COMMENT ON COLUMN duplicate_group.original IS 'URL of the original, or seed:<slug>; unique.';
COMMENT ON COLUMN duplicate_group.original_title IS 'Its headline.';
COMMENT ON COLUMN duplicate_group.original_outlet IS 'Its outlet.';
COMMENT ON COLUMN duplicate_group.original_language IS 'Its language.';
COMMENT ON COLUMN duplicate_group.original_published_at IS 'When it was published; NULL: unknown, and then there are no lead times.';
COMMENT ON COLUMN duplicate_group.copies IS 'Number of stored articles that are copies or rewrites of it, or of such ones.';
COMMENT ON COLUMN duplicate_group.exact_copies IS 'Those whose verdict is exact.';
COMMENT ON COLUMN duplicate_group.near_copies IS 'Those whose verdict is near.';
COMMENT ON COLUMN duplicate_group.rewrites IS 'Those whose verdict is rewrite.';
COMMENT ON COLUMN duplicate_group.first_lead_seconds IS 'Shortest time from the original to a copy, of those with a date.';
COMMENT ON COLUMN duplicate_group.median_lead_seconds IS 'Median of these times.';
COMMENT ON COLUMN duplicate_group.last_lead_seconds IS 'Longest of these times.';
COMMENT ON COLUMN duplicate_group.outlet_count IS 'Outlets that have a copy.';
COMMENT ON COLUMN duplicate_group.outlets IS 'Their names.';
COMMENT ON COLUMN duplicate_group.languages IS 'Languages of the copies.';
COMMENT ON COLUMN duplicate_group.members IS 'The copies in order of publication: url, kind, of (whom it was copied from), outlet, language, lead_seconds after the original.';
