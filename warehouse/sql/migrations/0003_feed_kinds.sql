-- Purpose: `feed` also takes sources that answer with an article list of GDELT; a CHECK can't be altered, so the table is made anew.
-- Result: the table feed with the same rows.

CREATE TEMPORARY TABLE feed_before AS SELECT url, name, outlet, language, kind, enabled, run_id FROM feed;
DROP TABLE feed;
CREATE TABLE feed (
    url VARCHAR PRIMARY KEY CHECK (url <> ''),
    name VARCHAR NOT NULL,
    outlet VARCHAR,
    language VARCHAR,
    kind VARCHAR NOT NULL CHECK (kind IN ('auto', 'rss', 'atom', 'json', 'sitemap', 'gdelt')),
    enabled BOOLEAN NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE feed IS 'The sources of entries, as feeds.toml and the queries of story.toml last named them. A source that they no longer name stays.';
COMMENT ON COLUMN feed.url IS 'Key: the address that is polled.';
COMMENT ON COLUMN feed.name IS 'For people.';
COMMENT ON COLUMN feed.outlet IS 'Host of the outlet without www; NULL: taken from each entry.';
COMMENT ON COLUMN feed.language IS 'BCP 47, as claimed by feeds.toml or by the query.';
COMMENT ON COLUMN feed.kind IS 'auto (decided from the body), rss, atom, json, sitemap, gdelt.';
COMMENT ON COLUMN feed.enabled IS 'Whether it is polled.';
COMMENT ON COLUMN feed.run_id IS 'Run that last changed the row.';
INSERT INTO feed SELECT url, name, outlet, language, kind, enabled, run_id FROM feed_before;
DROP TABLE feed_before;
