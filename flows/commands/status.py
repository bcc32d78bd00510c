"""storywatch status: whether all is well."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from flows.overview import Overview
    from flows.schedules import Prefect
    from warehouse.connect import DataDir
    from warehouse.reports import RunSummary, WarehouseStatus

# Feeds of one kind of trouble that are named; the view feed_health and --json have all.
FEEDS_SHOWN = 10
WIDTH = 80  # columns; longer lines are folded
LABEL_WIDTH = 12


def command(
    data: options.Data = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell how storywatch stands: runs, ledger, backlog, feeds, disk. Exits with 1 when somebody should look.

    That is when there is no warehouse or no run yet; when the last run failed or was killed, and none was made since;
    when the ledger does not add up; when more than half of the feeds fail; when the disk is nearly full; when the
    last maintenance failed; and, where runs are scheduled, when Prefect does not answer within 2 s, when a
    deployment is paused or has no next run, when runs stay away, when storywatch up was killed. What a single feed
    does is only told.

    Reads what the last commit left, or the last published file while another process holds the warehouse for more
    than 2 s, and says which. Prefect is asked where PREFECT_API_URL, or storywatch up on this folder, names it.

    [bold]Examples[/bold]

    \b
    storywatch status
    storywatch status --json | jq .attention
    """
    from flows.commands.reading import best_source
    from flows.overview import attention, overview
    from flows.settings import load_settings
    from warehouse import connect, read

    data_dir = connect.DataDir(load_settings({"data_dir": data}).data_dir)
    if not connect.exists(data_dir):
        _show_before_the_first_run(data_dir, json=json)
        raise typer.Exit(Exit.ATTENTION)
    now = datetime.now(UTC)
    with best_source(data_dir) as (con, source):
        status = read.status(con, now)
    seen = overview(data_dir, status, is_private=source.is_private)
    problems = list(attention(status, seen, now))
    if json:
        fields = dataclasses.asdict(status) | dataclasses.asdict(seen)
        fields |= {"attention": problems, "read_from": dataclasses.asdict(source)}
        print(jsonlib.dumps({"initialised": True, **fields}, default=plain, ensure_ascii=False))
    else:
        told = [*lines(status, seen), f"read from   {source}"]
        print("\n".join(folded([*told, *(f"NEEDS ATTENTION: {problem}" for problem in problems)])))
    if problems:
        raise typer.Exit(Exit.ATTENTION)


def _show_before_the_first_run(data_dir: DataDir, *, json: bool) -> None:
    from flows.overview import PREFECT_SECONDS
    from flows.prefect_api import named_api
    from flows.schedules import prefect

    seen = prefect(named_api(data_dir), within_seconds=PREFECT_SECONDS)
    begins = "the next scheduled run" if any(one.next_run_at for one in seen.deployments) else "storywatch run"
    problem = f"{data_dir.root}: nothing here yet; {begins} begins it"
    if json:
        fields = {"initialised": False, "prefect": dataclasses.asdict(seen), "attention": [problem]}
        print(jsonlib.dumps(fields, default=plain, ensure_ascii=False))
    else:
        print("\n".join(folded([problem, *(f"next run    {line}" for line in _next_runs(seen))])))


def folded(told: Iterable[str]) -> Iterator[str]:
    """Lines of at most WIDTH columns, also where characters take two; what goes on is indented."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text

    console = Console(width=WIDTH)
    for line in told:
        if cell_len(line) <= WIDTH:
            yield line
            continue
        label, rest = line[:LABEL_WIDTH], line[LABEL_WIDTH:]
        parts = Text(rest).wrap(console, WIDTH - LABEL_WIDTH, overflow="fold")
        yield from (
            f"{' ' * LABEL_WIDTH if number else label}{part.plain.rstrip()}" for number, part in enumerate(parts)
        )


def lines(status: WarehouseStatus, seen: Overview) -> Iterator[str]:
    """The status for people."""
    if status.last_run:
        yield f"last run    {_run(status.last_run, seen)}"
    if status.last_completed and status.last_completed != status.last_run:
        yield f"completed   {_run(status.last_completed, None)}"
    yield from (f"next run    {line}" for line in _next_runs(seen.prefect))
    outcomes = " + ".join(f"{count} {outcome}" for outcome, count in sorted(status.outcomes.items()))
    yield f"ledger      {status.discovered} discovered = {outcomes or 0}"
    yield f"waiting     {status.due} due, {status.later} later" + (
        f", the next at {status.next_attempt_at:%Y-%m-%d %H:%M}Z" if status.next_attempt_at else ""
    )
    yield f"articles    {status.articles} stored, {status.on_story} on the story, {status.independent} independent"
    if status.newest_article:
        newest = status.newest_article
        at = f"{newest.published_at:%Y-%m-%d %H:%M}Z" if newest.published_at else "date unknown"
        yield f"newest      {at}, {newest.outlet}: {newest.title}"
    yield from feed_lines(status)
    yield from _keeping_lines(seen)
    yield "versions    " + ", ".join(f"{name} {number}" for name, number in seen.versions.items())


def _run(run: RunSummary, seen: Overview | None) -> str:
    if run.ended_at:
        ended = f"{run.ended_at:%Y-%m-%d %H:%M:%S}Z"
    else:
        ended = f"since {run.started_at:%Y-%m-%d %H:%M:%S}Z" + (", killed" if seen and seen.was_killed else "")
    return f"{run.run_id}: {run.status}, {ended}; {run.discovered or 0} discovered, {run.fetched or 0} fetched"


def _next_runs(seen: Prefect) -> Iterator[str]:
    if seen.api_url is None:
        yield "none is scheduled: no Prefect API is named, nor is storywatch up running here"
    elif seen.problem is not None:
        yield f"unknown: {seen.api_url} can't be asked"
    for one in seen.deployments:
        if one.has_schedule:
            at = f"{one.next_run_at:%Y-%m-%d %H:%M}Z" if one.next_run_at else "no run is scheduled"
            yield f"{one.name} {at}{', paused' if one.is_paused else ''}"


def feed_lines(status: WarehouseStatus) -> Iterator[str]:
    """How many feeds are in trouble, and the first of them by name."""
    counts = Counter(feed.state for feed in status.feeds_quiet)
    quiet = "".join(f", {counts[state]} {state}" for state in ("silent", "stale", "empty") if counts[state])
    yield f"feeds       {status.feeds} in use, {len(status.feeds_failing)} failing{quiet}"
    failing = [
        f"{feed.name}: {feed.failures} failed poll{'' if feed.failures == 1 else 's'} in a row: "
        f"{feed.reason or ''} {feed.detail or ''}".rstrip()
        for feed in status.feeds_failing
    ]
    silent = [
        f"{feed.name}: {feed.state}" + (f" since {feed.since_at:%Y-%m-%d %H:%M}Z" if feed.since_at else "")
        for feed in status.feeds_quiet
    ]
    for named in (failing, silent):
        yield from (f"            {line}" for line in named[:FEEDS_SHOWN])
        if len(named) > FEEDS_SHOWN:
            yield f'            ... and {len(named) - FEEDS_SHOWN} more: storywatch query "FROM feed_health"'


def _keeping_lines(seen: Overview) -> Iterator[str]:
    if seen.disk is not None:
        used = ", ".join(f"{name} {size / 1e6:,.1f}" for name, size in seen.disk.used_bytes.items())
        yield f"disk        {seen.disk.free_bytes / 1e9:,.1f} GB free; in MB: {used}"
    last = seen.maintained
    kept = f"last on {last.started_at:%Y-%m-%d %H:%M}Z" if last else "never: storywatch maintain"
    newest = f"{seen.newest_backup_at:%Y-%m-%d %H:%M}Z" if seen.newest_backup_at else "none"
    yield f"maintenance {kept}; newest backup: {newest}"
