-- Purpose: the headlines under which the entries in `batch` are shown now.
-- Result: number of rows changed.
UPDATE entry SET title = b.title FROM batch AS b WHERE b.url = entry.url AND b.title <> ''
