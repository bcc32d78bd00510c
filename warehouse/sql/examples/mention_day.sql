-- Purpose: the names of each day, the most mentioned first.
-- Result: day_at, names as "name mentions".
SELECT day_at, list(name || ' ' || mentions ORDER BY mentions DESC, name) AS names
FROM mention
GROUP BY day_at
ORDER BY day_at
