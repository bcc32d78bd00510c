-- Purpose: keep the text of a seed in the private file.
-- Result: number of rows added or changed.
INSERT INTO seed_text (slug, text, run_id) VALUES ($slug, $text, $run_id)
ON CONFLICT (slug) DO UPDATE SET text = excluded.text, run_id = excluded.run_id
