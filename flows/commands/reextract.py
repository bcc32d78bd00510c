"""storywatch reextract: articles built again from the archive."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.reextracting import Reading


def command(
    since: Annotated[
        date | None,
        typer.Option(parser=options.day, metavar="DAY", help="Only pages fetched on this day or later, UTC."),
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Only the page of this address.")] = None,
    story: options.Story = None,
    data: options.Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    no_prefect: options.NoPrefect = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Build articles again from the archived pages, without asking anybody.

    The same extractor gives the same rows. Where another one gives something else, the article is that from now on,
    its earlier text is kept, and its place in the story and its verdict are decided anew. Stop it any time: the same
    call does the rest.

    [bold]Examples[/bold]

    \b
    storywatch reextract --dry-run
    storywatch reextract --since 2025-10-16
    storywatch reextract --url https://outlet.example/an-article
    storywatch query "SELECT * FROM revision_history WHERE cause = 'reextract'"
    """
    from flows.commands.show import finish, interrupted
    from flows.progress import shown_progress
    from flows.recording import Recording, reextract_once
    from flows.reextracting import Wanted, preview
    from flows.settings import load_settings
    from flows.watch import prepare
    from flows.world import World

    given: dict[str, Any] = {"data_dir": data, "story_file": story}
    wanted = Wanted(since=since, url=url)
    try:
        with shown_progress(quiet=quiet or json) as progress:
            world = World(progress=progress)
            if dry_run:
                reading = preview(prepare(load_settings(given), world, asks=False), wanted)
            else:
                recording = Recording.NEVER if no_prefect else Recording.IF_NAMED
                report = reextract_once(given, wanted, world, recording)
    except KeyboardInterrupt as stopped:
        raise interrupted(
            stopped, "what was done is stored, the same call does the rest", json=json, quiet=quiet
        ) from None
    if dry_run:
        _show_reading(reading, json=json)
        return
    finish(report, json=json, quiet=quiet)
    if broken := report.reread.get("broken", 0):
        print(f"storywatch: {broken} records of the archive can't be read", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)


def _show_reading(reading: Reading, *, json: bool) -> None:
    import dataclasses
    import json as jsonlib

    from flows.commands.show import print_rows, stdout_console
    from flows.plain import plain

    if json:
        changes = [dataclasses.asdict(one) for one in reading.revisions]
        print(jsonlib.dumps({"pages": dict(reading.counts), "changes": changes}, default=plain, ensure_ascii=False))
        return
    if reading.revisions:
        print_rows(
            ("article", "changed", "words added", "words removed"),
            [
                (one.article_url, ", ".join(one.changed), one.words_added_share, one.words_removed_share)
                for one in reading.revisions
            ],
        )
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in reading.counts.items() if count)
    stdout_console().print(f"{counts or 'no page was read'}. Nothing was written.", markup=False)
