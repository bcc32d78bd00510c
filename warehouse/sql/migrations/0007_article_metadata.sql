-- Purpose: what the page says beyond headline, authors and date; its class; and the view article_all with the same, added at its end.
-- Result: none. Several statements. A view can't be replaced without losing its comments: it is dropped and made anew.

ALTER TABLE article ADD COLUMN language_confidence DOUBLE;
ALTER TABLE article ADD COLUMN published_from VARCHAR;
ALTER TABLE article ADD COLUMN published_offset_minutes INTEGER;
ALTER TABLE article ADD COLUMN published_gap_seconds DOUBLE;
ALTER TABLE article ADD COLUMN modified_at TIMESTAMPTZ;
ALTER TABLE article ADD COLUMN modified_precision VARCHAR;
ALTER TABLE article ADD COLUMN section VARCHAR;
ALTER TABLE article ADD COLUMN lead_image_url VARCHAR;
ALTER TABLE article ADD COLUMN page_class VARCHAR;
ALTER TABLE article ADD COLUMN class_evidence VARCHAR;
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

DROP VIEW article_all;

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
    a.run_id,
    a.language_confidence,
    a.published_from,
    a.published_offset_minutes,
    a.published_gap_seconds,
    a.modified_at,
    a.modified_precision,
    a.section,
    a.lead_image_url,
    a.page_class,
    a.class_evidence
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
COMMENT ON COLUMN article_all.language_confidence IS 'Probability of language by the text, in [0, 1]; NULL: claimed by the page or the feed, not detected.';
COMMENT ON COLUMN article_all.published_from IS 'Where published_at is stated: json-ld, meta, time (an element beside the headline), url, feed; NULL: unknown.';
COMMENT ON COLUMN article_all.published_offset_minutes IS 'Zone in which the page states published_at, in minutes east of UTC; NULL: it states none.';
COMMENT ON COLUMN article_all.published_gap_seconds IS 'Time from the date that the feed claims to the one that the page states; NULL: not both claim one.';
COMMENT ON COLUMN article_all.modified_at IS 'When it was last changed, as the page states; NULL: it does not.';
COMMENT ON COLUMN article_all.modified_precision IS 'How exact modified_at is: day, minute, second.';
COMMENT ON COLUMN article_all.section IS 'Section of the outlet, as the page names it; NULL: none named.';
COMMENT ON COLUMN article_all.lead_image_url IS 'Address of the picture that stands for the article; NULL: none named.';
COMMENT ON COLUMN article_all.page_class IS 'article or live_blog; NULL: stored before classes were kept.';
COMMENT ON COLUMN article_all.class_evidence IS 'What decided the class, in words; NULL: stored before classes were kept.';
