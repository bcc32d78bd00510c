"""storywatch url: the canonical form of addresses, by hand and by script."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated

import typer


def command(
    urls: Annotated[
        list[str], typer.Argument(metavar="URL...", help='Web addresses; "-": one per line of standard input.')
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line: url, canonical_url, steps.")] = False,
) -> None:
    """Print the canonical form of each address: equal for two addresses of one article.

    One line per address, in the same order; what is no web address is printed unchanged, its line breaks as blanks.
    Nothing is asked of the web. With --json, the steps name each rule that changed something.

    [bold]Examples[/bold]

    \b
    storywatch url "https://m.outlet.example/an-article/amp?utm_source=rss"
    storywatch url --json "https://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2foutlet.example%2fa"
    storywatch url - < addresses.txt
    """
    if "-" in urls and sys.stdin is None:
        raise typer.BadParameter("-: standard input is closed")
    out = sys.stdout.buffer
    for url in _given(urls):
        out.write((_as_json(url) if json else _canonical(url)).encode(errors="surrogateescape") + b"\n")
        if "-" in urls:
            out.flush()  # somebody may be waiting for the answer at the other end of a pipe
    out.flush()


def _given(urls: Iterable[str]) -> Iterator[str]:
    """The addresses, one by one; bytes that are no UTF-8 come as lone surrogates and leave as they came."""
    for url in urls:
        if url == "-":
            for line in sys.stdin.buffer:
                yield line.removesuffix(b"\n").decode(errors="surrogateescape")
        else:
            yield url


def _canonical(url: str) -> str:
    from extractors.errors import BadUrl
    from extractors.urls import canonical_url

    try:
        return canonical_url(url)
    except BadUrl:
        return " ".join(url.splitlines()) if "\n" in url else url


def _as_json(url: str) -> str:
    from extractors.errors import BadUrl
    from extractors.urls import canonical_steps, canonical_url

    canonical: str | None = None
    steps: tuple[tuple[str, str], ...] = ()
    with suppress(BadUrl):
        canonical, steps = canonical_url(url), canonical_steps(url)
    told = [{"rule": rule, "result": result} for rule, result in steps]
    is_text = not any("\ud800" <= char <= "\udfff" for char in url)
    return jsonlib.dumps({"url": url, "canonical_url": canonical, "steps": told}, ensure_ascii=not is_text)
