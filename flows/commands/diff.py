"""storywatch diff: what an article said before, and what it says now."""

from __future__ import annotations

import json as jsonlib
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from extractors.records import Article, Revision
    from flows.differing import Piece

MARKS = {"same": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}
STYLES = {"same": "", "added": "green", "removed": "red strike"}


def command(
    url: Annotated[str, typer.Argument(metavar="URL", help="As a feed shows it, or as published.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Show how an article changed: the headline and the words, each revision against the text that came after it.

    In colour on a terminal; elsewhere [dim]\\[-removed-][/dim] and [dim]{+added+}[/dim]. Exits with 1 when no revision
    is known.

    [bold]Examples[/bold]

    \b
    storywatch diff https://outlet.example/an-article
    storywatch diff --json https://outlet.example/an-article
    """
    from flows.commands.reading import best_reader
    from flows.commands.show import stdout_console
    from flows.settings import load_settings
    from warehouse import read
    from warehouse.connect import DataDir

    with best_reader(DataDir(load_settings({"data_dir": data}).data_dir)) as con:
        why = read.why(con, url)
        article = why.article if why else None
        # What is no article any more has none, but revisions under its canonical address.
        address = article.url if article else why.entry.canonical_url if why else url
        revisions = read.revisions(con, address)
    if not revisions:
        known = "there is one text of it, unchanged" if article else "no article with this address is stored"
        print(f"storywatch: {url}: {known}", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)
    if json:
        print(_as_json(revisions, article))
        return
    console = stdout_console()
    console.print(address, style="bold", markup=False)
    for revision, (title, text) in zip(revisions, _afterwards(revisions, article), strict=True):
        console.print(_head(revision), markup=False, style="dim")
        if revision.old_title != title:
            console.print(_line(_words(revision.old_title or "", title or ""), is_terminal=console.is_terminal))
        if revision.old_text is None or text is None:
            console.print(_one_sided(revision, text), markup=False)
            continue
        for pieces in _paragraphs(revision.old_text, text):
            console.print(_line(pieces, is_terminal=console.is_terminal), soft_wrap=True)
        console.print()


def _afterwards(revisions: list[Revision], article: Article | None) -> list[tuple[str | None, str | None]]:
    """Headline and text that came after each revision: those of the next, at last those of the article."""
    last = (article.title, article.text) if article else (None, None)
    return [*((one.old_title, one.old_text) for one in revisions[1:]), last]


def _head(revision: Revision) -> str:
    added, removed = revision.words_added_share, revision.words_removed_share
    shares = [f"{share:.1%} of the words {what}" for share, what in ((added, "added"), (removed, "removed")) if share]
    seen = f"{_time(revision.old_fetched_at)} -> {_time(revision.fetched_at)}"
    return (
        f"\n{seen} ({revision.cause}): {', '.join(shares) or 'no other words'}; changed: {', '.join(revision.changed)}"
    )


def _one_sided(revision: Revision, text: str | None) -> str:
    if revision.old_content_hash is None:
        return "it was no article before"
    return "it was no article afterwards" if text is None else "the earlier text is not published here"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "never"


def _words(old: str, new: str) -> list[Piece]:
    from flows.differing import words_of

    return words_of(old, new)


def _paragraphs(old: str, new: str) -> Iterable[list[Piece]]:
    from flows.differing import paragraphs_of

    return paragraphs_of(old, new)


def _line(pieces: Iterable[Piece], *, is_terminal: bool) -> Text:
    from rich.text import Text

    line = Text()
    for piece in pieces:
        before, after = ("", "") if is_terminal else MARKS[piece.kind]
        line.append(f"{before}{piece.text}{after}", STYLES[piece.kind])
    return line


def _as_json(revisions: list[Revision], article: Article | None) -> str:
    import dataclasses

    from flows.plain import plain

    now = {"title": article.title, "text": article.text, "fetched_at": article.fetched_at} if article else None
    told = {"now": now, "revisions": [dataclasses.asdict(one) for one in revisions]}
    return jsonlib.dumps(told, default=plain, ensure_ascii=False)
