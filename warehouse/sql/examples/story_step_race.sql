-- Purpose: who told each step of the story first, and how long until half of the outlets had it.
-- Result: step, outlets, first_outlet, first_published_at, half_hours.
SELECT step, outlets, first_outlet, first_published_at, round(half_outlets_seconds / 3600, 1) AS half_hours
FROM story_step
