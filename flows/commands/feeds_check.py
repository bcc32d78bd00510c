"""storywatch feeds check: ask each feed once and say how it fares."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.checking import Checked


def command(
    wanted: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|URL]...", help="Feeds to check.  [default: all that are asked]")
    ] = None,
    stale_days: Annotated[
        int, typer.Option(min=1, max=3650, help="Days without a new entry that make a feed stale.")
    ] = 14,
    feeds: options.Feeds = None,
    story: options.Story = None,
    quiet: options.Quiet = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Ask each feed once and say: alive, empty, stale, dead or blocked. Writes nothing. Exit code 1: not all are alive.

    Searches for the story's queries are feeds too. A stranger's server may answer differently next time: disable what
    stays dead.

    [bold]Examples[/bold]

    \b
    storywatch feeds check
    storywatch feeds check "BBC World" https://outlet.example/rss
    storywatch feeds check --stale-days 30 --json
    """
    from extractors.story import load_story
    from flows.checking import Health, check_feeds
    from flows.feed_names import named
    from flows.progress import shown_progress
    from flows.settings import load_settings, seed_file
    from flows.watch import WebSession, listed_feeds, require_contact
    from flows.world import current_world

    settings = load_settings({"feeds_file": feeds, "story_file": story})
    listed = listed_feeds(
        seed_file("feeds.toml", settings.feeds_file, settings),
        load_story(seed_file("story.toml", settings.story_file, settings)),
    )
    asked = [named(listed, name) for name in wanted] if wanted else [feed for feed in listed if feed.enabled]
    with shown_progress(quiet=quiet or json) as progress:
        world = replace(current_world(), progress=progress)
        require_contact(settings, world)
        with WebSession(settings, world) as web:
            checked = check_feeds(
                list(dict.fromkeys(asked)),
                web,
                world,
                stale_after=timedelta(days=stale_days),
                deadline_seconds=settings.run_deadline_seconds,
            )
    unasked = len(set(asked)) - len(checked)
    if json:
        rows = [dataclasses.asdict(row) for row in checked]
        print(jsonlib.dumps(rows, ensure_ascii=False, default=plain))
    else:
        _show(checked)
    if unasked:
        print(f"storywatch: {unasked} feeds were left unasked when the time was up", file=sys.stderr)
    if checked and all(row.is_unreachable for row in checked):
        print(f"storywatch: none of {len(checked)} feeds could be reached", file=sys.stderr)
        raise typer.Exit(Exit.NO_NETWORK)
    if unasked or any(row.health is not Health.ALIVE for row in checked):
        raise typer.Exit(Exit.ATTENTION)


def _show(checked: Sequence[Checked]) -> None:
    """What needs attention first, then what is alive, each in the order of the file."""
    from flows.checking import Health
    from flows.commands.show import rows_table, stdout_console

    rows = sorted(checked, key=lambda row: row.health is Health.ALIVE)
    columns = ("feed", "is", "newest", "what it answered", "address")
    table = rows_table(columns, ((r.feed.name, r.health.value, r.newest_at, r.detail, r.feed.url) for r in rows))
    console = stdout_console()
    console.print(table)
    counts = Counter(row.health for row in checked)
    told = ", ".join(f"{counts[health]} {health.value}" for health in Health if counts[health])
    console.print(f"{len(checked)} feeds asked: {told or 'none'}", markup=False)
