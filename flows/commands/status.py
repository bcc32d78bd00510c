"""storywatch status: whether all is well."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from warehouse.reports import WarehouseStatus

# A run that says "running" for longer than this was killed: the longest allowed run takes a day.
LONGEST_RUN = timedelta(days=1)
# Feeds of one kind of trouble that are named; the view feed_health and --json have all.
FEEDS_SHOWN = 10
# Feeds fail now and then; this share of them at once is no longer their fault alone.
MANY_FEEDS = 0.5


def command(
    data: options.Data = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell how the warehouse stands: last run, ledger, feeds in trouble. Exits with 1 when somebody should look.

    That is when there is no warehouse or no run yet, when the last run failed or has not ended after a day, when the
    ledger does not add up, and when more than half of the feeds fail. What a single feed does is only told.

    [bold]Examples[/bold]

    \b
    storywatch status
    storywatch status --json | jq .attention
    """
    from flows.commands.reading import best_source
    from flows.settings import load_settings
    from warehouse import connect, read

    data_dir = connect.DataDir(load_settings({"data_dir": data}).data_dir)
    if not connect.exists(data_dir):
        print('{"initialised": false}' if json else f"{data_dir.root}: nothing here yet; storywatch run begins it")
        raise typer.Exit(Exit.ATTENTION)
    now = datetime.now(UTC)
    with best_source(data_dir) as (con, source):
        status = read.status(con, now)
    problems = list(attention(status, now))
    if json:
        fields = dataclasses.asdict(status) | {"attention": problems, "read_from": dataclasses.asdict(source)}
        print(jsonlib.dumps({"initialised": True, **fields}, default=plain, ensure_ascii=False))
    else:
        told = [*lines(status), f"read from   {source}"]
        print("\n".join([*told, *(f"NEEDS ATTENTION: {problem}" for problem in problems)]))
    if problems:
        raise typer.Exit(Exit.ATTENTION)


def attention(status: WarehouseStatus, now: datetime) -> Iterator[str]:
    """What a human should look at. Pure."""
    last = status.last_run
    if last is None:
        yield "no run was ever made"
    elif last.status == "failed":
        yield f"the last run failed: {last.detail}"
    elif last.status == "running" and now - last.started_at > LONGEST_RUN:
        yield f"the last run, of {last.started_at:%Y-%m-%d %H:%M}Z, never ended: it was killed"
    if last is not None and last.balanced is False:
        yield "the ledger does not add up"
    if status.feeds and len(status.feeds_failing) > MANY_FEEDS * status.feeds:
        yield f"{len(status.feeds_failing)} of {status.feeds} feeds fail"


def lines(status: WarehouseStatus) -> Iterator[str]:
    """The status for people."""
    last = status.last_run
    if last:
        ended = f"{last.ended_at:%Y-%m-%d %H:%M:%S}Z" if last.ended_at else "not ended"
        did = f"{last.discovered or 0} discovered, {last.fetched or 0} fetched"
        yield f"last run    {last.run_id}: {last.status}, {ended}; {did}"
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
    yield from _feed_lines(status)


def _feed_lines(status: WarehouseStatus) -> Iterator[str]:
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
