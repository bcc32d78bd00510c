-- Purpose: every copy with the original that it goes back to, also over other copies.
-- Result: original, kind, outlet, copied_from.
SELECT original, member.kind AS kind, member.outlet AS outlet, member."of" AS copied_from
FROM (SELECT original, unnest(members) AS member FROM duplicate_group)
ORDER BY original, member.url
