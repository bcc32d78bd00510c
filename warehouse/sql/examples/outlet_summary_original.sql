-- Purpose: outlets by how much they report themselves, and how often they are copied.
-- Result: outlet, articles, independent, independent_share, copied.
SELECT outlet, articles, independent, round(independent_share, 2) AS independent_share, copied
FROM outlet_summary
ORDER BY independent DESC, copied DESC, outlet
