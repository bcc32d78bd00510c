"""storywatch feeds: which feeds are asked, and how they fare. One file per command; `list` is here."""

from __future__ import annotations

import dataclasses
import json as jsonlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import feeds_add, feeds_check, feeds_switch, options
from flows.plain import plain

if TYPE_CHECKING:
    from extractors.records import Feed
    from warehouse.reports import FeedFetch

app = typer.Typer(no_args_is_help=True, help="The feeds that are asked.")


@app.callback()
def feeds() -> None:
    """The feeds that are asked."""


@app.command("list")
def list_feeds(
    feeds: options.Feeds = None,
    story: options.Story = None,
    data: options.Data = None,
    every: Annotated[bool, typer.Option("--all", help="Each search on a line of its own.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON array, of all.")] = False,
) -> None:
    """List the feeds of feeds.toml and the searches for the story's queries, with what their last poll brought.

    The searches of one engine are counted on one line, unless --all is given.

    [bold]Examples[/bold]

    \b
    storywatch feeds list
    storywatch feeds list --all
    storywatch feeds list --feeds my-feeds.toml --json
    """
    from extractors.story import load_story
    from flows.commands.reading import best_reader
    from flows.commands.show import rows_table, stdout_console
    from flows.settings import load_settings, seed_file
    from flows.watch import listed_feeds
    from warehouse import connect, read

    settings = load_settings({"data_dir": data, "feeds_file": feeds, "story_file": story})
    path = seed_file("feeds.toml", settings.feeds_file, settings)
    story_path = seed_file("story.toml", settings.story_file, settings)
    listed = listed_feeds(path, load_story(story_path))
    asked = {}
    data_dir = connect.DataDir(settings.data_dir)
    if connect.exists(data_dir):
        with best_reader(data_dir) as con:
            asked = read.last_feed_fetches(con)
    if json:
        rows = [
            {
                **dataclasses.asdict(feed),
                "last_fetch": dataclasses.asdict(asked[feed.url]) if feed.url in asked else None,
            }
            for feed in listed
        ]
        print(jsonlib.dumps(rows, ensure_ascii=False, default=plain))
        return
    single = [feed for feed in listed if every or not feed.is_search]
    lines = [*(_row(feed, asked) for feed in single), *_engine_rows(() if every else listed, asked)]
    console = stdout_console()
    console.print(rows_table(("feed", "language", "address", "last asked", "answer"), lines))
    searches = sum(feed.is_search for feed in listed)
    also = f" and {searches} searches for the queries of {story_path}" if searches else ""
    hint = "; --all lists them" if searches and not every else ""
    console.print(f"{len(listed) - searches} feeds from {path}{also}{hint}", markup=False)


def _row(feed: Feed, asked: Mapping[str, FeedFetch]) -> tuple[object, ...]:
    last = asked.get(feed.url)
    name = feed.name if feed.enabled else f"{feed.name} (disabled)"
    name = f"{name} (search)" if feed.is_search else name
    answer = f"{last.reason} {last.detail}".strip() if last else "not asked yet"
    return name, feed.language, feed.url, last and last.fetched_at, answer


def _engine_rows(listed: Sequence[Feed], asked: Mapping[str, FeedFetch]) -> Iterator[tuple[object, ...]]:
    """One row for all searches of an engine."""
    from extractors.urls import host_of

    searches: dict[str, list[Feed]] = {}
    for feed in listed:
        if feed.is_search:
            searches.setdefault(feed.name.partition(",")[0], []).append(feed)
    for engine, feeds in searches.items():
        languages = len({feed.language for feed in feeds if feed.language})
        last = [asked[feed.url] for feed in feeds if feed.url in asked]
        answers = Counter({"not asked yet": len(feeds) - len(last)}) + Counter(one.reason for one in last)
        yield (
            f"{engine} ({len(feeds)} searches)",
            f"{languages} languages" if languages else None,
            host_of(feeds[0].url),
            max((one.fetched_at for one in last), default=None),
            ", ".join(f"{count} {answer}" for answer, count in answers.most_common()),
        )


app.command("add")(feeds_add.command)
app.command("check")(feeds_check.command)
app.command("disable")(feeds_switch.disable)
app.command("enable")(feeds_switch.enable)
