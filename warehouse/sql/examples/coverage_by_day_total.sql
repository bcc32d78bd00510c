-- Purpose: the story day by day: independent reports, copies, and the sum so far.
-- Result: day_at, independent, copies, independent_so_far.
SELECT
    day_at,
    independent,
    exact_copies + near_copies + rewrites AS copies,
    sum(independent) OVER (ORDER BY day_at)::BIGINT AS independent_so_far
FROM coverage_by_day
ORDER BY day_at
