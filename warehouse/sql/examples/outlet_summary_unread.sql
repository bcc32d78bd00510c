-- Purpose: outlets on the story of whose pages many could not be read.
-- Result: outlet, discovered, unread, unread_share.
SELECT outlet, discovered, unread, round(unread / discovered, 2) AS unread_share
FROM outlet_summary
WHERE unread > 0
ORDER BY unread_share DESC, outlet
