"""Extracts pages that somebody names: files, plain or gzip, and web addresses. What `storywatch extract` does, without
its options. Nothing is stored.

    jsonl lines --wanted_page--> Page, or what is wrong with the line --ExtractionPool--> one row per line, in order
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from extractors.errors import BadUrl, NetworkUnreachable, NotArticle, SettingsError, StorywatchError
from extractors.http import Request
from extractors.pages import page_of, unshown_entry
from extractors.records import Article, Failure, Page
from flows.isolation import ExtractionPool, Told
from flows.polling import UNREACHABLE
from flows.settings import load_settings
from flows.watch import WebSession, require_contact
from flows.world import World

# The address of a file whose address nobody knows; RFC 2606 keeps the name from ever being one.
NOWHERE = "https://page.invalid/page"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What came of a page: its class, why, and the article or what was extracted all the same."""

    page_class: str  # "article", "live_blog", or a key of records.REASONS
    evidence: str
    article: Article | None
    is_failure: bool  # the extractor failed on it: not a fact about the page


class Unreadable(StorywatchError):
    """A line or a file that gives no page."""


def extracted(told: Told) -> Extracted:
    """What the worker told, in one form."""
    if isinstance(told, Article):
        return Extracted(page_class=told.page_class, evidence=told.class_evidence, article=told, is_failure=False)
    is_class = isinstance(told, NotArticle)
    article = told.article if isinstance(told, NotArticle) else None
    return Extracted(page_class=told.reason, evidence=told.detail, article=article, is_failure=not is_class)


def fetched_page(url: str, world: World) -> Page:
    """The page at an address, fetched as a run would. Raises NetworkUnreachable or StorywatchError."""
    settings = load_settings()
    require_contact(settings, world)
    with WebSession(settings, world) as web:
        ((_, answer),) = web.fetch_all([Request(url=url)], lambda _: None, settings.run_deadline_seconds)
    if isinstance(answer, Failure):
        unreachable = answer.reason in UNREACHABLE
        raise (NetworkUnreachable if unreachable else StorywatchError)(f"{url}: {answer.reason}: {answer.detail}")
    return Page(entry=unshown_entry(url, world.clock()), response=answer)


def file_page(path: Path, url: str | None, now: datetime) -> Page:
    """The page in a file. Raises SettingsError when it can't be read or the address is none."""
    try:
        return page_of(_body(path, load_settings().max_body_bytes), url or NOWHERE, now)
    except Unreadable as error:
        raise SettingsError("FILE", str(path), str(error).removeprefix(f"{path} "), "the command line") from None
    except BadUrl as error:
        raise SettingsError("--url", url, error.detail, "the command line") from None


def extract_lines(lines: Iterable[str], now: datetime, *, workers: int) -> Iterator[dict[str, Any]]:
    """One row per line, in order, as they are done; a row with "error" for what gives no page or no answer."""
    limit = load_settings().max_body_bytes
    rows: list[dict[str, Any]] = []  # of the lines that were read and are not told yet

    def pages() -> Iterator[Page | None]:
        for line in lines:
            if line.strip():
                row, page = _wanted_page(line, limit, now)
                rows.append(row)
                yield page

    with ExtractionPool(workers=workers) as pool:
        for told in pool.extract_each(pages()):
            row = rows.pop(0)
            yield row if told is None else row | _told_row(extracted(told))


def _wanted_page(line: str, limit: int, now: datetime) -> tuple[dict[str, Any], Page | None]:
    """(The row's beginning, the page that a line asks for), or (a row with an error, None)."""
    name: Any = None
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict) or not isinstance(asked.get("file"), str):
            raise Unreadable('no JSON object with a "file"')
        name, url = asked["file"], asked.get("url")
        if url is not None and not isinstance(url, str):
            raise Unreadable('"url" is no string')
        return {"file": name}, page_of(_body(Path(name), limit), url or NOWHERE, now)
    except (Unreadable, BadUrl, ValueError, RecursionError) as error:
        return {"file": name, "error": f"{type(error).__name__}: {error}"}, None


def _body(path: Path, limit: int) -> bytes:
    """The bytes of a file, unpacked when it is gzip. Raises Unreadable."""
    try:
        body = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise Unreadable(f"{path} can't be read: {getattr(error, 'strerror', error)}") from None
    if body.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, limit + 1)
        except zlib.error as error:
            raise Unreadable(f"{path} is no whole gzip file: {error}") from None
        if len(body) <= limit and not unpacker.eof:
            raise Unreadable(f"{path} is no whole gzip file: it ends too early")
    if len(body) > limit:
        raise Unreadable(f"{path} has over {limit} bytes; max_body_bytes allows no more")
    return body


def _told_row(told: Extracted) -> dict[str, Any]:
    article = told.article
    row: dict[str, Any] = {
        "class": told.page_class,
        "title": article.title if article else None,
        "authors": list(article.authors) if article else [],
        "published_at": stated_time(article) if article else None,
        "language": article.language if article else None,
        "text": article.text if article else "",
    }
    return row | {"error": told.evidence} if told.is_failure else row


def stated_time(article: Article) -> str | None:
    """When it was published, in ISO 8601, in the zone that the page states and as exact as it states it."""
    if article.published_at is None:
        return None
    if article.published_precision == "day":
        return article.published_at.date().isoformat()
    zone = timezone(timedelta(minutes=article.published_offset_minutes)) if article.published_offset_minutes else UTC
    exact = "minutes" if article.published_precision == "minute" else "seconds"
    return article.published_at.astimezone(zone).isoformat(timespec=exact)
