"""A feed's answer -> entries. The only user of feedparser; the untyped library ends at this door.

RSS 0.9x to 2.0, RDF and Atom are read by feedparser, JSON Feed by json_feed.py, sitemaps by sitemaps.py, article lists
of GDELT by gdelt.py; what news searches add to RSS is understood by search_items.py. Not here: which feeds there are
(feed_list.py; `load_feeds` is offered here too), when one is asked, and fetching.

    Response --feed_body--> FeedBody --this, json_feed, sitemaps, gdelt--> FeedItems --feed_items--> FeedDocument
"""

from __future__ import annotations

import calendar
import math
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser

from extractors.charsets import decode
from extractors.dates import Moment, moment, vouched
from extractors.errors import NotAFeed
from extractors.feed_body import FeedBody, feed_body
from extractors.feed_items import FeedChild, FeedDocument, FeedItem, entries_of
from extractors.feed_list import load_feeds
from extractors.gdelt import gdelt_list, is_gdelt_list, refusal
from extractors.json_feed import json_feed
from extractors.plaintext import folded, plain_text
from extractors.records import Feed, FeedKind, Response
from extractors.search_items import attributed
from extractors.sitemaps import sitemap

__all__ = ["FeedDocument", "load_feeds", "parse_feed"]

# What feedparser lets through when a document breaks its assumptions (seen: ValueError, AssertionError, TypeError); any
# of them means that it can't read this document.
_FEEDPARSER_GIVES_UP = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
)

# Seconds (RSS 1.0 syndication module).
_UPDATE_PERIODS = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}


def parse_feed(response: Response, feed: Feed, *, now: datetime) -> FeedDocument:
    """The entries that a feed shows at `now`, in its order, duplicates of an address dropped.

    What it is is decided from the body: outlets change the format of a feed without a word, and Feed.kind is a note for
    people. Only GDELT's own tells more: `{}` is a list without articles there, and plain text is what it refuses. A
    valid feed without items, or with items of which none has a usable web address, is a document without entries.
    Raises NotAFeed, which says what the body is instead.
    """
    url = response.final_url
    try:
        body = feed_body(response.body, response.headers.get("content-type"), url)
    except NotAFeed as error:
        if feed.kind is FeedKind.GDELT:
            raise refusal(decode(response.body, response.headers.get("content-type"))[0], url) from error
        raise
    children: tuple[FeedChild, ...] = ()
    ttl_seconds: float | None = None
    title = ""
    if body.root == "json" and (feed.kind is FeedKind.GDELT or is_gdelt_list(body.text)):
        kind = FeedKind.GDELT
        items, children = gdelt_list(body.text, response.url, now)
    elif body.root == "json":
        kind = FeedKind.JSON
        title, items = json_feed(body.text, url, now)
    elif body.root in ("urlset", "sitemapindex"):
        kind = FeedKind.SITEMAP
        items, children = sitemap(body.text.encode(), url, now)
    else:
        kind, title, items, ttl_seconds = _parsed(body, url, now)
    entries, skipped = entries_of(items, feed, url, now)
    return FeedDocument(
        kind=kind,
        title=plain_text(title),
        entries=entries,
        skipped=skipped + body.cut,
        children=children,
        ttl_seconds=ttl_seconds,
    )


def _parsed(body: FeedBody, url: str, now: datetime) -> tuple[FeedKind, str, list[FeedItem], float | None]:
    # No base address is given: feedparser would make one of a guid that is none. xml:base it applies all the same.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        document = feedparser.parse(
            BytesIO(body.text.encode()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except _FEEDPARSER_GIVES_UP as error:
        raise NotAFeed(url, f"a <{body.root}> that feedparser can't read: {type(error).__name__}: {error}") from error
    version = str(document.get("version") or "")
    kind = FeedKind.ATOM if version.startswith("atom") else FeedKind.RSS
    if not version and not document.entries and not document.feed:
        raise NotAFeed(url, f"a <{body.root}> with nothing of a feed in it")
    language = _text(document.feed, "language")
    items = [_item(entry, kind, language, now) for entry in document.entries]
    return kind, _text(document.feed, "title"), items, _ttl_seconds(document.feed)


def _ttl_seconds(feed: Any) -> float | None:
    """How long a feed asks to be left alone: <ttl> in minutes (RSS 2.0), or sy:updatePeriod over sy:updateFrequency."""
    minutes = _positive(_text(feed, "ttl"))
    if minutes is not None:
        return minutes * 60
    period = _UPDATE_PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    return period / (_positive(_text(feed, "sy_updatefrequency")) or 1.0)


def _positive(text: str) -> float | None:
    """A number above zero; None for all else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < math.inf else None


def _item(entry: Any, kind: FeedKind, language: str, now: datetime) -> FeedItem:
    published, raw = _published(entry, now)
    item = FeedItem(
        links=_links(entry),
        title=_plain(entry, "title", kind),
        summary=_plain(entry, "summary", kind) or _content(entry, kind),
        guid=_text(entry, "id") or None,
        language=_text(entry, "language") or language,
        published=published,
        published_raw=raw or None,
    )
    source = entry.get("source") or {}
    return attributed(item, _text(source, "title"), _text(source, "href"))


def _links(entry: Any) -> tuple[str, ...]:
    """Addresses that the item may mean, the best first: FeedBurner hides the outlet's own behind its counter's."""
    guid = _text(entry, "id")
    alternates = [
        str(link.get("href") or "") for link in entry.get("links") or () if link.get("rel", "alternate") == "alternate"
    ]
    permalink = [guid] if guid.strip().lower().startswith(("http://", "https://")) else []
    link = _text(entry, "link")
    own = [] if link == guid and not permalink else [link]  # for want of a link, feedparser takes any guid for one
    return (_text(entry, "feedburner_origlink"), *own, *alternates, *permalink)


def _plain(entry: Any, name: str, kind: FeedKind) -> str:
    """A text of the item without markup. Atom says whether it has any; in RSS it has whatever outlets put there."""
    value = _text(entry, name)
    said = entry.get(f"{name}_detail") or {}
    is_literal = kind is FeedKind.ATOM and said.get("type") == "text/plain"
    return folded(value) if is_literal else plain_text(value)


def _content(entry: Any, kind: FeedKind) -> str:
    for content in entry.get("content") or ():
        value = str(content.get("value") or "")
        is_literal = kind is FeedKind.ATOM and content.get("type") == "text/plain"
        if text := folded(value) if is_literal else plain_text(value):
            return text
    return ""


def _published(entry: Any, now: datetime) -> tuple[Moment | None, str]:
    """When the item says that it was published, and its own words for it; the first date that is said counts."""
    for name in ("published", "created", "updated"):
        raw = _text(entry, name).strip() if name in entry.keys() else ""  # noqa: SIM118 ("in entry" falls back to others)
        if raw:
            return moment(raw, now) or vouched(_utc(entry.get(f"{name}_parsed")), raw, now), raw
    return None, ""


def _utc(parsed: Any) -> datetime | None:
    """feedparser's time as an instant; None for one that no calendar has (year -1)."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(mapping: Any, name: str) -> str:
    """A field of feedparser's dictionaries as text; absent ones, and those that are no text, are empty."""
    value = mapping.get(name)
    return value if isinstance(value, str) else ""
