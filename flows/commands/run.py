"""storywatch run: the main job, once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit


def command(
    feeds: options.Feeds = None,
    story: options.Story = None,
    data: options.Data = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask the feeds, say what would be fetched, write nothing.")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Ask every feed, also those that are not due yet.")] = False,
    no_prefect: options.NoPrefect = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Ask the feeds that are due, fetch what is new, decide, load into DuckDB, publish; say where every URL went.

    Recorded in Prefect when Prefect's settings name an API, else run without one. Safe to run again at any time and to
    stop with Ctrl-C: the ledger knows what is done.

    [bold]Examples[/bold]

    \b
    STORYWATCH_CONTACT=you@your-domain.org storywatch run
    storywatch run --feeds my-feeds.toml --data /srv/storywatch --quiet
    storywatch run --dry-run
    """
    from flows.commands.show import finish, interrupted, show_planned
    from flows.preview import preview
    from flows.progress import shown_progress
    from flows.recording import Recording, run_once
    from flows.settings import load_settings
    from flows.watch import prepare
    from flows.world import World

    given = {"data_dir": data, "feeds_file": feeds, "story_file": story, "ask_all_feeds": now or None}
    watched = load_settings(given)
    try:
        with shown_progress(quiet=quiet or json) as progress:
            world = World(progress=progress)
            if dry_run:
                planned = preview(prepare(watched, world))
            else:
                report = run_once(given, world, Recording.NEVER if no_prefect else Recording.IF_NAMED)
    except KeyboardInterrupt as stopped:
        raise interrupted(
            stopped, "the ledger is balanced, the next run goes on from here", json=json, quiet=quiet
        ) from None
    if dry_run:
        show_planned(planned, json=json)
        return
    finish(report, json=json, quiet=quiet)
    if report.feeds_polled and report.feeds_failed == report.feeds_polled:
        print(f"storywatch: all {report.feeds_polled} feeds failed; storywatch status names them", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)
