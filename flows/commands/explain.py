"""storywatch explain: why something is on the story or not, with the matches marked."""

from __future__ import annotations

import json as jsonlib
import re
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from extractors.story import Story
    from flows.explaining import Told
    from flows.settings import Settings
    from flows.world import World

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def command(
    source: Annotated[
        str | None,
        typer.Argument(metavar="URL|FILE", help="An address, a text or HTML file; with --jsonl a file of lines."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Headline of a text file.  [default: its first line]")] = None,
    published: Annotated[str | None, typer.Option(help="When a file was published: ISO 8601.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read lines of JSON (standard input, or FILE) and print one for each.")
    ] = False,
    story: options.Story = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Say how something stands to the story: class, score, what matched and where, the steps that it reports.

    A URL that the ledger has is explained from what is stored, by the story file as it is now; any other is fetched.
    A line of --jsonl is {"id", "title", "text", "published", "lang"}; "gate" in the answer says whether the entry
    alone, with the first 300 characters of the text as its summary, would be fetched. A wrong line is answered by
    its "error"; then the exit code is 1.

    [bold]Examples[/bold]

    \b
    storywatch explain https://outlet.example/an-article
    storywatch explain article.txt --published 2025-10-17
    storywatch explain --jsonl < items.jsonl
    """
    from extractors.errors import SettingsError
    from extractors.story import load_story
    from flows.commands.show import stdout_console
    from flows.explaining import as_line, explain, lines
    from flows.settings import load_settings, seed_file
    from flows.world import current_world

    settings = load_settings({"data_dir": data, "story_file": story})
    world = current_world()
    watched = load_story(seed_file("story.toml", settings.story_file, settings))
    if jsonl:
        with ExitStack() as opened:
            stream = sys.stdin.buffer if source in (None, "-") else opened.enter_context(_opened(Path(str(source))))
            _explain_lines(stream, watched, world)
        return
    if source is None:
        raise SettingsError("URL|FILE", None, "is needed, unless --jsonl reads lines", "the command line")
    if _ADDRESS.match(source):
        told = _from_address(source, settings, world)
    else:
        told = _from_file(Path(source), title, published, world)
    explained = explain(watched, told, world.clock())
    if json:
        print(as_line(explained))
        return
    console = stdout_console()
    for line in lines(watched, explained):
        console.print(line, soft_wrap=True)


def _opened(path: Path) -> BinaryIO:
    from extractors.errors import SettingsError

    try:
        return path.open("rb")
    except OSError as error:
        raise SettingsError("FILE", str(path), f"can't be read: {error.strerror}", "the command line") from None


def _explain_lines(stream: Iterable[bytes], watched: Story, world: World) -> None:
    """One line of JSON for each; a wrong one is answered by its error, and the rest goes on."""
    from flows.explaining import as_line, explain, told_of

    wrong = 0
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            told = told_of(line)
        except ValueError as error:
            print(jsonlib.dumps({"id": None, "error": f"line {number}: {error}"}, ensure_ascii=False))
            print(f"storywatch: line {number}: {error}", file=sys.stderr)
            wrong += 1
            continue
        print(as_line(explain(watched, told, world.clock())))
    if wrong:
        raise typer.Exit(Exit.ATTENTION)


def _from_address(url: str, settings: Settings, world: World) -> Told:
    """What is stored of it; of an entry whose page was never stored its feed's words; else its page, fetched now."""
    from extractors.errors import WarehouseMissing
    from flows.commands.reading import best_reader
    from flows.explaining import Told
    from flows.seeding import fetched_article
    from warehouse import read
    from warehouse.connect import DataDir

    report = None
    try:
        with best_reader(DataDir(settings.data_dir)) as con:
            report = read.why(con, url)
    except WarehouseMissing:
        pass  # nothing was ever stored here
    if report is not None and report.article is not None:
        article = report.article
        if not article.text:
            print("storywatch: texts are not in the published file; the title alone is explained", file=sys.stderr)
        return Told(id=url, title=article.title, text=article.text, published_at=article.published_at)
    if report is not None:
        entry = report.entry
        at = entry.published_at
        return Told(id=url, title=entry.title, text="", summary=entry.summary, published_at=at, fetched=False)
    article = fetched_article(url, world)
    return Told(id=url, title=article.title, text=article.text, published_at=article.published_at)


def _from_file(path: Path, title: str | None, published: str | None, world: World) -> Told:
    from flows.explaining import Told
    from flows.extracting import NOWHERE
    from flows.seeding import Given, read_article, time_of

    article = read_article(path, Given(title=title, url=NOWHERE), world.clock())
    published_at = time_of(published)[0] if published else article.published_at
    return Told(id=str(path), title=title or article.title, text=article.text, published_at=published_at)
