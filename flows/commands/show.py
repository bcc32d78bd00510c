"""How results look on the terminal: standard output, tables that survive a pipe."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractors.records import RunReport
from flows.commands.exits import Exit
from flows.report import as_json, outcome_table, summary

if TYPE_CHECKING:
    from flows.preview import Preview

# Wide enough for a URL when standard output is no terminal and has no width of its own.
PIPE_WIDTH = 160
# Characters, borders included; below this a column is a stack of syllables.
NARROWEST_COLUMN = 14
# Numbers from LARGE on, such as seconds and bytes, are shown to the unit and not as powers of ten.
LARGE, TOO_LARGE = 1e5, 1e15


def stdout_console() -> Console:
    """A console on standard output."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def show_report(report: RunReport, *, json: bool, quiet: bool) -> None:
    """The table of where every URL went, or the report as JSON."""
    if json:
        print(as_json(report))
    elif not quiet:
        console = stdout_console()
        if report.outcomes:
            console.print(outcome_table(report.outcomes, "Where every URL of this run went"))
        elif not report.reread:
            console.print("No new URL was discovered, and none was waiting.")
        console.print(summary(report), markup=False)


def finish(report: RunReport, *, json: bool, quiet: bool) -> None:
    """Show a report; a run that is not completed ends the command with exit code 1 and its reason."""
    show_report(report, json=json, quiet=quiet)
    if report.status != "completed":
        print(f"storywatch: {report.detail}", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)


def interrupted(stopped: KeyboardInterrupt, consequence: str, *, json: bool, quiet: bool) -> typer.Exit:
    """After Ctrl-C: show what was done, say what follows. Returns the end of the command, to be raised."""
    from flows.pipeline import Interrupted  # not for the commands that only print

    if isinstance(stopped, Interrupted):
        show_report(stopped.report, json=json, quiet=quiet)
    print(f"stopped by hand: {consequence}", file=sys.stderr)
    return typer.Exit(Exit.INTERRUPTED)


def show_planned(planned: Preview, *, json: bool) -> None:
    """What a dry run found."""
    if json:
        rows = [{"url": entry.url, "title": entry.title, "feed": entry.feed_url} for entry in planned.to_fetch]
        counts = {"known": planned.known, "off_story": planned.off_story, "feeds_failed": len(planned.polled.failures)}
        print(jsonlib.dumps({"to_fetch": rows, **counts}, ensure_ascii=False))
        return
    console = stdout_console()
    for failed in planned.polled.failures:
        print(f"{failed.url}: {failed.reason}: {failed.detail}", file=sys.stderr)
    if planned.to_fetch:
        console.print(rows_table(("would fetch", "title"), ((e.url, e.title) for e in planned.to_fetch)))
    console.print(
        f"{len(planned.to_fetch)} would be fetched, {planned.known} are known, {planned.off_story} are off the story "
        f"by their feed entry; {len(planned.polled.fetches)} feeds asked, {len(planned.polled.failures)} failed. "
        "Nothing was written."
    )


def rows_table(columns: Iterable[str], rows: Iterable[Iterable[object]], title: str | None = None) -> Table:
    """A plain table; NULL as an empty cell, long cells folded."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))
    return table


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bool:
    """A table, or one field a line where its columns would be too narrow to read; a cell is cut at the width of the
    screen, its lines joined. Returns whether one was cut.
    """
    console = stdout_console()
    whole = [[" ".join(shown(value).split("\n")) for value in row] for row in rows]
    cells = [
        [cell if len(cell) <= console.width else f"{cell[: console.width - 1]}\u2026" for cell in row] for row in whole
    ]
    if len(columns) * NARROWEST_COLUMN <= console.width:
        console.print(rows_table(columns, cells))
        return cells != whole
    name_width = max(map(len, columns))
    for number, row in enumerate(cells, start=1):
        console.print(Text(f"row {number}", style="bold"))
        for column, cell in zip(columns, row, strict=True):
            console.print(Text(f"  {column:<{name_width}}  {cell}"), soft_wrap=True)
    return cells != whole


def shown(value: object) -> str:
    """A value as a cell: NULL is empty, a time is in UTC and to the second, a float has no tail."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" + ("Z" if value.tzinfo is not None else "")
    if isinstance(value, float):
        return f"{value:.0f}" if LARGE <= abs(value) < TOO_LARGE else f"{value:g}"
    return str(value)
