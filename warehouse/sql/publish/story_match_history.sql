-- Purpose: publish story_match_history as it is.
-- Result: number of rows.
INSERT INTO snapshot.story_match_history BY NAME FROM private.story_match_history
