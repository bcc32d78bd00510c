-- Purpose: the highest number of a sketch.
-- Result: one row: sketch_id, 0 if there is none.
SELECT coalesce(max(sketch_id), 0) AS sketch_id FROM sketch
