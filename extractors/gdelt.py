"""Article lists of the GDELT DOC 2.0 API (mode=artlist, format=json) -> FeedItems. Pure; called by feeds.py alone.

An answer holds at most 250 articles: a full one names the two halves of its window as children, down to the quarter of
an hour in which GDELT works. `seendate` is when GDELT came by, hours or days after an article appeared: it never
becomes a date of publication. What GDELT refuses it says in plain text with status 200.
Fields and limits: https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from extractors.errors import BadUrl, FeedRateLimited, NotAFeed
from extractors.feed_items import FeedChild, FeedItem
from extractors.plaintext import folded, plain_text, shortened
from extractors.search_editions import GDELT_LANGUAGES
from extractors.searches import GDELT_MAX_RECORDS, gdelt_window
from extractors.url_parts import path_and_query
from extractors.urls import host_of

SMALLEST_WINDOW = timedelta(minutes=15)  # GDELT takes in the news every quarter of an hour; it answers nothing finer

_TAG_OF = {name.lower(): tag for tag, (_, name) in GDELT_LANGUAGES.items()}
_TIMESPAN = re.compile(r"(\d{1,5})(min|minutes|h|hours|d|days|w|weeks|m|months)?", re.IGNORECASE)
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
}
_RATE_LIMIT = re.compile(r"(?i)limit requests|too many requests|rate limit")
_STRAY_BACKSLASH = re.compile(r'\\(?!["\\/bfnrt]|u[0-9A-Fa-f]{4})')
_TAG = re.compile(r"<[^>]{0,500}>")


def gdelt_list(text: str, url: str, now: datetime) -> tuple[list[FeedItem], tuple[FeedChild, ...]]:
    """The articles of an answer and, when it is full, both halves of its window. `url`: as asked.

    Titles with raw control characters and stray backslashes, as GDELT sends them, are read all the same. Raises
    NotAFeed for what is no such list.
    """
    try:
        document = json.loads(_whole_escapes(text), strict=False)
    except RecursionError as error:
        raise NotAFeed(url, "JSON, nested too deeply to be a list of articles") from error
    except ValueError as error:
        raise NotAFeed(url, f"broken JSON: {error}") from error
    if document in ({}, []):
        return [], ()
    articles = document.get("articles") if isinstance(document, dict) else None
    if not isinstance(articles, list):
        raise NotAFeed(url, "JSON, but no list of articles of GDELT")
    items = [_item(article) if isinstance(article, dict) else FeedItem(links=()) for article in articles]
    return items, _halves(url, now) if len(articles) >= _most(url) else ()


def is_gdelt_list(text: str) -> bool:
    """Whether JSON that nobody announced looks like an article list of GDELT."""
    head = text[:5000]
    return '"articles"' in head and '"seendate"' in head


def refusal(text: str, url: str) -> NotAFeed:
    """What GDELT says instead of an answer, in its own words."""
    words = shortened(folded(_TAG.sub(" ", text[:2000])), 200)
    if _RATE_LIMIT.search(words):
        return FeedRateLimited(url, f'GDELT says: "{words}"')
    return NotAFeed(url, f'GDELT says: "{words}"' if words else "an empty body")


def _whole_escapes(text: str) -> str:
    """Backslashes that begin no escape of JSON doubled, so that they stand for themselves."""
    return _STRAY_BACKSLASH.sub(r"\\\\", text.replace("\\\\", "\\u005c")) if "\\" in text else text


def _item(article: dict[str, Any]) -> FeedItem:
    seen = _text(article, "seendate")
    return FeedItem(
        links=(_text(article, "url"), _text(article, "url_mobile")),
        title=plain_text(_text(article, "title")),
        language=_TAG_OF.get(_text(article, "language").strip().lower()),
        published_raw=f"seendate {seen}" if seen else None,
        outlet=_host(_text(article, "domain")),
    )


def _text(article: dict[str, Any], name: str) -> str:
    value = article.get(name)
    return value if isinstance(value, str) else ""


def _host(domain: str) -> str | None:
    try:
        return host_of(f"https://{domain.strip()}/") if domain.strip() else None
    except BadUrl:
        return None


# -- windows --------------------------------------------------------------------------------------------------------


def _parameters(url: str) -> dict[str, str]:
    return {name.lower(): value for name, value in parse_qsl(path_and_query(url)[1])}


def _most(url: str) -> int:
    """How many articles a full answer has: what was asked for."""
    asked = _parameters(url).get("maxrecords", "")
    return max(1, min(int(asked), GDELT_MAX_RECORDS)) if asked.isascii() and asked.isdigit() else GDELT_MAX_RECORDS


def _halves(url: str, now: datetime) -> tuple[FeedChild, ...]:
    """The same question for both halves of its window, the later one first; none where that would be no finer."""
    window = _window(_parameters(url), now)
    second = timedelta(seconds=1)  # both ends of a window belong to it
    if window is None or window[1] - window[0] + second < 2 * SMALLEST_WINDOW:
        return ()
    since, until = window
    middle = since + (until - since + second) // (2 * SMALLEST_WINDOW) * SMALLEST_WINDOW
    return (
        FeedChild(url=_asked_for(url, middle, until)),
        FeedChild(url=_asked_for(url, since, middle - second)),
    )


def _window(parameters: dict[str, str], now: datetime) -> tuple[datetime, datetime] | None:
    """The window that an address asks for, in whole seconds; None if it can't be told."""
    until = _moment(parameters["enddatetime"]) if "enddatetime" in parameters else now.replace(microsecond=0)
    if "startdatetime" in parameters:
        since = _moment(parameters["startdatetime"])
    else:
        span = _TIMESPAN.fullmatch(parameters.get("timespan", ""))
        if span is None or until is None:
            return None
        unit = (span[2] or "min").lower()
        try:
            since = until - int(span[1]) * _UNITS["min" if unit.startswith("min") else unit[0]]
        except OverflowError:  # `timespan=99999m` is older than all calendars
            return None
    return (since, until) if since is not None and until is not None and since < until else None


def _moment(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _asked_for(url: str, since: datetime, until: datetime) -> str:
    kept = [
        (name, value)
        for name, value in parse_qsl(path_and_query(url)[1])
        if name.lower() not in ("timespan", "startdatetime", "enddatetime")
    ]
    asked = [*kept, *gdelt_window(since, until).items()]
    front = url.partition("#")[0].partition("?")[0]
    return f"{front}?{urlencode(asked, safe=':', errors='replace').replace('+', '%20')}"
