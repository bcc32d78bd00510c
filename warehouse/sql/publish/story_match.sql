-- Purpose: publish story_match as it is.
-- Result: number of rows.
INSERT INTO snapshot.story_match BY NAME FROM private.story_match
