-- Purpose: the steps of the story as story.toml names them now; a row that says the same is not touched.
-- Result: number of rows added or changed.
INSERT INTO step (slug, position, happened_at, what, state, run_id)
SELECT slug, position, happened_at, what, state, $run_id FROM batch
ON CONFLICT (slug) DO UPDATE SET
    position = excluded.position,
    happened_at = excluded.happened_at,
    what = excluded.what,
    state = excluded.state,
    run_id = excluded.run_id
WHERE (step.position, step.happened_at, step.what, step.state)
    IS DISTINCT FROM (excluded.position, excluded.happened_at, excluded.what, excluded.state)
