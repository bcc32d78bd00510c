"""storywatch feeds: which feeds are asked, and how they fare."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from typing import Annotated

import typer

from flows.commands import options

app = typer.Typer(no_args_is_help=True, help="The feeds that are asked.")


@app.callback()
def feeds() -> None:
    """The feeds that are asked."""


@app.command("list")
def list_feeds(
    feeds: options.Feeds = None,
    data: options.Data = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List the feeds of feeds.toml with what their last poll brought.

    [bold]Examples[/bold]

    \b
    storywatch feeds list
    storywatch feeds list --feeds my-feeds.toml --json
    """
    from extractors.feed_list import load_feeds
    from extractors.records import FeedState
    from flows.commands.show import rows_table, stdout_console
    from flows.settings import load_settings, seed_file
    from warehouse import connect, read

    settings = load_settings({"data_dir": data, "feeds_file": feeds})
    path = seed_file("feeds.toml", settings.feeds_file, settings)
    listed = load_feeds(path)
    states: dict[str, FeedState] = {}
    data_dir = connect.DataDir(settings.data_dir)
    if connect.exists(data_dir):
        with connect.reader(data_dir, wait_seconds=settings.writer_wait_seconds) as con:
            states = read.feed_states(con)
    if json:
        rows = [{**dataclasses.asdict(feed), **_asked(states.get(feed.url))} for feed in listed]
        print(jsonlib.dumps(rows, ensure_ascii=False, default=str))
        return
    table = rows_table(
        ("feed", "language", "address", "last asked", "failures"),
        (
            (
                feed.name if feed.enabled else f"{feed.name} (disabled)",
                feed.language,
                feed.url,
                *_cells(states.get(feed.url)),
            )
            for feed in listed
        ),
    )
    console = stdout_console()
    console.print(table)
    console.print(f"{len(listed)} feeds from {path}", markup=False)


def _asked(state: object) -> dict[str, object]:
    from extractors.records import FeedState

    if not isinstance(state, FeedState):
        return {"checked_at": None, "failures": None}
    return {"checked_at": state.checked_at and state.checked_at.isoformat(), "failures": state.failures}


def _cells(state: object) -> tuple[object, object]:
    asked = _asked(state)
    return asked["checked_at"], asked["failures"]
