"""storywatch backfill: the coverage that live feeds no longer hold."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands import options
from flows.commands.exits import Exit

SITEMAPS_OF = "sitemaps of "  # how backfill_plan names the sources that a robots.txt leads to


def command(
    since: Annotated[
        date | None, typer.Option(parser=options.day, metavar="DAY", help="First day, UTC, such as 2025-10-14.")
    ] = None,
    until: Annotated[
        date | None, typer.Option(parser=options.day, metavar="DAY", help="Last day, UTC; today at most.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only sources whose name holds this; repeatable. --dry-run with NAME lists them."
        ),
    ] = None,
    urls: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Addresses, one per line, then headline and date after tabs; - is stdin."),
    ] = None,
    warc: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A WARC file of Common Crawl's kind; repeatable.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also ask what is done already.")] = False,
    deadline: Annotated[
        float | None, typer.Option(metavar="HOURS", min=0.001, help="Stop after this; the same call goes on.")
    ] = None,
    feeds: options.Feeds = None,
    story: options.Story = None,
    data: options.Data = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked and how long it takes; ask nobody.")
    ] = False,
    no_prefect: options.NoPrefect = False,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Find coverage of days gone by: dated sitemaps, searches with dates, lists of addresses, web archives.

    Works in slices, each written down with what it showed: stop it any time (Ctrl-C, kill), the same call goes on where
    it was, asks again what was blocked or failed, or asked before its days were over, and nothing else. Then it
    fetches the pages, politely, until none is due. Entries that are dated outside of the days are left out; those
    without a date go in. With --urls or --warc only the files are read, unless --source is given too. Of a list, a
    headline decides whether its page is fetched, as in a feed; an address without one is always fetched. --warc alone
    asks nobody.

    [bold]Examples[/bold]

    \b
    storywatch backfill --since 2025-10-14 --until 2025-11-30 --dry-run
    storywatch backfill --since 2025-10-14 --until 2025-11-30 --deadline 6
    storywatch backfill --since 2025-10-14 --until 2025-11-30 --source "Google News" --source GDELT
    storywatch backfill --urls addresses.txt
    storywatch backfill --warc CC-NEWS-20251016.warc.gz
    storywatch query "SELECT * FROM backfill WHERE state NOT IN ('found', 'empty')"
    """
    from flows.backfill_run import Order, check, preview
    from flows.commands.show import finish, interrupted
    from flows.progress import shown_progress
    from flows.recording import Recording, backfill_once
    from flows.settings import load_settings
    from flows.watch import prepare
    from flows.world import World, current_world

    given: dict[str, Any] = {"data_dir": data, "feeds_file": feeds, "story_file": story}
    order = Order(
        since=since,
        until=until,
        sources=tuple(source or ()),
        lists=tuple(urls or ()),
        archives=tuple(warc or ()),
        again=again,
        deadline_seconds=None if deadline is None else deadline * 3600,
    )
    check(order, current_world().clock())  # before a missing contact is asked for
    if dry_run:
        with shown_progress(quiet=quiet or json) as progress:
            planned = preview(prepare(load_settings(given), World(progress=progress), asks=False), order)
        _show_planned(planned, json=json, grouped=not source)
        return
    try:
        with shown_progress(quiet=quiet or json) as progress:
            report = backfill_once(
                given, order, World(progress=progress), Recording.NEVER if no_prefect else Recording.IF_NAMED
            )
    except KeyboardInterrupt as stopped:
        raise interrupted(
            stopped, "the ledger is balanced, the same call goes on from here", json=json, quiet=quiet
        ) from None
    finish(report, json=json, quiet=quiet)
    holes = sum(count for state, count in report.slices.items() if state in ("blocked", "error"))
    if holes:
        print(f"storywatch: {holes} slices were blocked or failed; the view backfill names them", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)


def _show_planned(planned: Any, *, json: bool, grouped: bool) -> None:
    import json as jsonlib

    from flows.backfill_run import duration
    from flows.commands.show import rows_table, stdout_console

    if json:
        slices = [{"source": one.source, "slice": one.slice, "url": one.url} for one in planned.slices]
        rest = {"done": planned.done, "files": planned.files, "pages_due": planned.pages_due}
        print(
            jsonlib.dumps({"slices": slices, **rest, "estimate_seconds": planned.estimate_seconds}, ensure_ascii=False)
        )
        return
    console = stdout_console()
    for name in planned.files:
        console.print(f"would read {name}", markup=False)
    console.print(
        f"{len(planned.slices)} slices would be asked, {planned.done} are done; {planned.pages_due} pages are due. "
        f"At least {duration(planned.estimate_seconds).removeprefix('about ')}, and what these show comes on top. "
        "Nobody was asked.",
        markup=False,
    )
    counts = Counter(one.source for one in planned.slices)
    if not grouped:
        console.print(rows_table(("source", "slices to ask"), sorted(counts.items())))
    elif counts:
        groups: dict[str, list[int]] = {}
        for name, count in sorted(counts.items()):
            groups.setdefault(_group(name), []).append(count)
        rows = ((group, len(each), sum(each)) for group, each in groups.items())
        console.print(rows_table(("sources", "number", "slices to ask"), rows))
        console.print("--source NAME --dry-run lists the sources whose name holds NAME; --json has all slices.")


def _group(source: str) -> str:
    """The line of the table that a source is counted in."""
    from extractors.searches import NAMES

    engine = next((name for name in NAMES.values() if source.startswith(f"{name} ")), None)
    if engine:
        return f"{engine}: a query each"
    return "sitemaps of sites, by their robots.txt" if source.startswith(SITEMAPS_OF) else "sitemaps of feeds.toml"
