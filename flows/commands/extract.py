"""storywatch extract: what the extractor makes of a page."""

from __future__ import annotations

import json as jsonlib
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from flows.extracting import Extracted

_HALF_PAIR = re.compile(r"[\ud800-\udfff]")


def command(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|URL", help="A page in a file, plain or gzip, or a web address.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the page in the file is from; links are read against it.")
    ] = None,
    json: options.Json = False,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help='Read lines {"file": ..., "url": ...} from standard input, print a line for each.'
        ),
    ] = False,
) -> None:
    """Print the article on a page, the page's class, and what decided it. Nothing is stored.

    A page that is no article shows its class, and the text that was found on it. With --jsonl all cores are used; the
    lines come in order, a bad one with an "error". Exits with 1 when a line has an error or the extractor failed.

    [bold]Examples[/bold]

    \b
    storywatch extract https://outlet.example/an-article
    storywatch extract page.html.gz --url https://outlet.example/an-article --json
    storywatch extract --jsonl < pages.jsonl > articles.jsonl
    """
    from pathlib import Path

    from extractors.errors import SettingsError
    from flows.extracting import extracted, fetched_page, file_page
    from flows.isolation import ExtractionPool
    from flows.world import World

    if jsonl == (source is not None):
        allowed = "name one page, or give --jsonl and lines on standard input"
        raise SettingsError("FILE|URL", source, allowed, "the command line")
    if jsonl:
        raise typer.Exit(_print_lines())
    assert source is not None
    world = World()
    if re.match(r"https?://", source, re.IGNORECASE):
        page = fetched_page(source, world)
    else:
        page = file_page(Path(source), url, world.clock())
    with ExtractionPool(workers=1) as pool:
        (told,) = pool.extract([page], lambda _: None)
    _show(extracted(told), json=json)


def _print_lines() -> Exit:
    import os

    from flows.extracting import extract_lines
    from flows.world import utc_now

    has_errors = False
    lines = (line.decode("utf-8-sig", "replace") for line in sys.stdin.buffer)
    for row in extract_lines(lines, utc_now(), workers=len(os.sched_getaffinity(0))):
        has_errors |= "error" in row
        print(_written(row), flush=True)
    return Exit.ATTENTION if has_errors else Exit.DONE


def _written(row: dict[str, Any]) -> str:
    """The row as JSON; with escapes where a name has half a surrogate pair, which no encoding can write."""
    written = jsonlib.dumps(row, ensure_ascii=False)
    return jsonlib.dumps(row) if _HALF_PAIR.search(written) else written


def _show(found: Extracted, *, json: bool) -> None:
    import dataclasses

    from flows.extracting import stated_time

    article = found.article
    if json:
        fields = dataclasses.asdict(article) if article else {}
        row = {"class": found.page_class, "evidence": found.evidence, **fields}
        print(jsonlib.dumps(row, default=plain, ensure_ascii=False))
    else:
        print(f"{found.page_class}: {found.evidence}")
        if article:
            facts = {
                "title": article.title,
                "authors": ", ".join(article.authors),
                "published": stated_time(article),
                "language": article.language,
                "section": article.section,
                "words": article.word_count,
            }
            for name, fact in facts.items():
                print(f"{name + ':':<11}{fact if fact not in (None, '') else '(none stated)'}")
            print(f"\n{article.text}")
    if found.is_failure:
        raise typer.Exit(Exit.ATTENTION)
