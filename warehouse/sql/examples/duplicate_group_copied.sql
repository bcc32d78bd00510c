-- Purpose: the most copied texts: how many copies, in how many outlets, how soon.
-- Result: original, copies, outlet_count, languages, first_hours, last_hours.
SELECT
    original,
    copies,
    outlet_count,
    languages,
    round(first_lead_seconds / 3600, 1) AS first_hours,
    round(last_lead_seconds / 3600, 1) AS last_hours
FROM duplicate_group
ORDER BY copies DESC, original
LIMIT 20
