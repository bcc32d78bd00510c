"""The JSON-LD of a page -> its objects: what outlets state about their articles for machines (schema.org).

Pure; the untyped objects end in page_metadata.py. Broken JSON is repaired as far as templates usually break it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.html import HtmlElement

from extractors.plaintext import folded, plain_text

Block = dict[str, Any]

# Characters of one JSON-LD script; schema.org descriptions with the whole body in them stay below.
_MAX_JSON_LD = 2_000_000
_MAX_DEPTH = 5
_MAX_PARTS = 200  # objects of one list
_MAX_UPDATES = 1000  # entries of a live blog; the longest of the measured pages has 428
_ARTICLE_TYPES = re.compile(r"(?i)(?:\w*article|\w*blogposting|report|review|socialmediaposting)$")
_LIVE_TYPE = re.compile(r"(?i)liveblogposting$")


def blocks_of(tree: HtmlElement) -> list[Block]:
    """Every object of the page's JSON-LD scripts, also those of lists and of @graph, in document order."""
    found: list[Block] = []
    for script in tree.iter("script"):
        written = script.text or ""
        if "ld+json" in (script.get("type") or "").lower() and 2 < len(written) <= _MAX_JSON_LD:
            found.extend(_blocks(_loaded(written)))
    return found


def articles_among(blocks: Sequence[Block]) -> list[Block]:
    """Those that are an article of any kind."""
    return [block for block in blocks if is_of_type(block, _ARTICLE_TYPES)]


def live_blog_among(blocks: Sequence[Block]) -> Block | None:
    """The one that is a live blog, if there is one."""
    return next((block for block in blocks if is_of_type(block, _LIVE_TYPE)), None)


def is_of_type(block: Block, pattern: re.Pattern[str]) -> bool:
    """Whether one of its types is what the pattern finds."""
    types = block.get("@type")
    return any(
        isinstance(name, str) and pattern.search(name) for name in (types if isinstance(types, list) else [types])
    )


def with_people(article: Block, blocks: Sequence[Block]) -> Block:
    """The article, with authors that are only named by their "@id" replaced by the objects that have it."""
    written = article.get("author")
    listed = written if isinstance(written, list) else [written]
    wanted = {str(one["@id"]) for one in listed if isinstance(one, dict) and "@id" in one and "name" not in one}
    if not wanted:
        return article
    known = {str(block["@id"]): block for block in blocks if "name" in block and str(block.get("@id")) in wanted}
    people = [known.get(str(one.get("@id")), one) if isinstance(one, dict) else one for one in listed]
    return {**article, "author": people}


def text_of(block: Block, name: str) -> str:
    """A text field as plain text; empty when it is absent or no text."""
    value = block.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return plain_text(value) if isinstance(value, str) else ""


def updates_of(live_blog: Block) -> list[Block]:
    """The entries of a live blog."""
    updates = live_blog.get("liveBlogUpdate")
    listed = updates if isinstance(updates, list) else [updates]
    return [update for update in listed[:_MAX_UPDATES] if isinstance(update, dict)]


def body_of(articles: Sequence[Block]) -> str:
    """The longest article body that is stated, on one line; markup and all its entities undone."""
    stated = [body for block in articles if isinstance(body := block.get("articleBody"), str)]
    longest = max(stated, key=len, default="")
    return plain_text(longest) if "<" in longest or "&" in longest else folded(longest)


def _loaded(written: str) -> Any:
    """The JSON of a script; None where it is broken beyond what templates usually do to it."""
    for attempt in (written, _without_wrapping(written)):
        try:
            return json.loads(attempt, strict=False)  # raw line breaks within strings are common
        except (ValueError, RecursionError):
            continue
    return None


def _without_wrapping(written: str) -> str:
    inner = re.sub(r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)\s*$", "", written.strip())
    return re.sub(r",(\s*[}\]])", r"\1", inner.strip().rstrip(";"))


def _blocks(value: Any, depth: int = 0) -> Iterator[Block]:
    if isinstance(value, list) and depth < _MAX_DEPTH:
        for part in value[:_MAX_PARTS]:
            yield from _blocks(part, depth + 1)
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _blocks(value.get(name), depth + 1)
