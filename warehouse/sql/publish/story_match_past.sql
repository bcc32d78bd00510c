-- Purpose: publish story_match_past as it is.
-- Result: number of rows.
INSERT INTO snapshot.story_match_past BY NAME FROM private.story_match_past
