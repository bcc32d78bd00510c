"""What a run brought, as Markdown for Prefect's UI: pure. Headlines, names and addresses are others' words: none of
them can become a mark, HTML, a link of its own or a turn of the writing direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from flows.one_line import one_line
from warehouse.standing import Brought, BroughtArticle, FeedStanding

# Rows of each table; the views have all.
MOST_ROWS = 50
LONGEST_TITLE = 200
# Kept in an address as they are; all else is percent-encoded, so that it can end neither a link nor a cell.
_IN_ADDRESSES = frozenset("-._~:/?#@!$&*+,;=%")
# Of the ASCII marks these alone say nothing in Markdown, wherever they stand.
_HARMLESS = frozenset(" ,'")


def brought_markdown(brought: Brought) -> str:
    """Three tables: new core articles, duplicates with of whom, feeds in trouble; and the new steps of the story."""
    core = [one for one in brought.articles if one.relevance == "core" and one.verdict == "independent"]
    copies = [one for one in brought.articles if one.verdict != "independent"]
    parts = [
        *(f"**New step of the story: {text(step.slug)}.** {text(step.what)}\n" for step in brought.new_steps),
        f"## New core articles: {len(core)}\n",
        *_table(("published", "outlet", "language", "article", "score"), map(_core_row, core), len(core)),
        f"## Duplicates: {len(copies)}\n",
        *_table(("verdict", "outlet", "article", "of"), map(_copy_row, copies), len(copies)),
        f"## Feeds in trouble: {len(brought.feeds)}\n",
        *_table(("feed", "state", "since", "reason"), map(_feed_row, brought.feeds), len(brought.feeds)),
    ]
    return "\n".join(parts)


def text(value: str, longest: int = LONGEST_TITLE) -> str:
    """Text that is shown as it is: every ASCII mark is a character reference, which stands for no markup."""
    return "".join(
        char if char.isalnum() or not char.isascii() or char in _HARMLESS else f"&#{ord(char)};"
        for char in one_line(value, longest)
    )


def link(title: str, url: str) -> str:
    """A link with that title; only the title if the address is not one of the web."""
    shown = text(title) or text(url)
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    return f"[{shown}]({_address(url)})" if is_web else shown


def _address(url: str) -> str:
    return "".join(
        char if char.isascii() and (char.isalnum() or char in _IN_ADDRESSES) else _encoded(char)
        for char in one_line(url, 2000)
    )


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _core_row(one: BroughtArticle) -> Sequence[str]:
    return (
        _when(one.published_at),
        text(one.outlet),
        text(one.language or ""),
        link(one.title, one.url),
        f"{one.score:.2f}",
    )


def _copy_row(one: BroughtArticle) -> Sequence[str]:
    original = link(one.verdict_of_title or one.verdict_of or "", one.verdict_of or "")
    return text(one.verdict), text(one.outlet), link(one.title, one.url), original


def _feed_row(feed: FeedStanding) -> Sequence[str]:
    return link(feed.name, feed.url), text(feed.state), _when(feed.since_at), text(feed.reason or "")


def _when(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}Z" if value else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], count: int) -> Iterator[str]:
    if not count:
        yield "none\n"
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for place, row in enumerate(rows):
        if place == MOST_ROWS:
            break
        yield "| " + " | ".join(row) + " |"
    yield f"\n... and {count - MOST_ROWS} more\n" if count > MOST_ROWS else ""
