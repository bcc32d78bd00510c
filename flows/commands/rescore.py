"""storywatch rescore: decide again which stored articles are on the story."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from collections import Counter
from typing import Annotated

import typer

from flows.commands import options

SHOWN = 40  # changes that are shown one by one; --json has all


def command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    story: options.Story = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Score every stored article again by the story file as it is now, from its stored text: nothing is fetched.

    For after a change of story.toml. What comes onto the story is held against everything known and gets a verdict, of
    what leaves it the copies are judged anew; the ledger follows, the history is kept, the result is published.

    [bold]Examples[/bold]

    \b
    storywatch rescore --dry-run
    storywatch rescore
    storywatch rescore --story my-story.toml --json
    """
    from flows.commands.show import rows_table, stdout_console
    from flows.plain import plain
    from flows.rescoring import rescore
    from flows.settings import load_settings
    from flows.watch import prepare
    from flows.world import current_world

    settings = load_settings({"data_dir": data, "story_file": story})
    told = rescore(prepare(settings, current_world(), asks=False), dry_run=dry_run)
    if json:
        print(jsonlib.dumps(dataclasses.asdict(told), default=plain, ensure_ascii=False))
        return
    console = stdout_console()
    if told.changes:
        rows = [(f"{one.was} -> {one.now}", one.rule, one.url, one.title) for one in told.changes[:SHOWN]]
        console.print(rows_table(("class", "by", "article", "headline"), rows))
    if len(told.changes) > SHOWN:
        console.print(f"... and {len(told.changes) - SHOWN} more; --json shows all")
    kinds = Counter(f"{one.was} -> {one.now}" for one in told.changes)
    counts = ", ".join(f"{times} {kind}" for kind, times in sorted(kinds.items())) or "none of another class"
    verb = "would be" if dry_run else "were"
    console.print(f"{told.articles} articles scored again, {told.updated} {verb} updated: {counts}.", markup=False)
    if dry_run:
        console.print("Nothing was written.")
    elif told.published_snapshot is not None:
        console.print(f"{told.rejudged} verdicts given anew; snapshot {told.published_snapshot} is published.")
