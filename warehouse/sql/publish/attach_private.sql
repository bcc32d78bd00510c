-- Purpose: open the copy of the private file.
-- Result: none.
ATTACH $path AS private (READ_ONLY)
