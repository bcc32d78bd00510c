-- Purpose: independent reports with a word in their headline or first paragraph; put your own in place of "summit".
-- Result: published_at, outlet, title, url.
SELECT published_at, outlet, title, url
FROM coverage
WHERE contains(lower(title), 'summit') OR contains(lower(lead), 'summit')
