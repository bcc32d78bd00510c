-- Purpose: publish the texts, where they may be passed on.
-- Result: number of rows.
INSERT INTO snapshot.article_text BY NAME SELECT * FROM private.article_text WHERE $publish_text
