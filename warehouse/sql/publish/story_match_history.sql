-- Purpose: publish how articles stood to the story before.
-- Result: number of rows.
INSERT INTO snapshot.story_match_history BY NAME
SELECT * EXCLUDE (story_version)
FROM private.story_match_history
