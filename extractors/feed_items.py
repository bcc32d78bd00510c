"""What the readers of feeds have in common: a raw item of any dialect -> an Entry of the pipe.

Pure. feeds.py (feedparser), json_feed.py and sitemaps.py each give FeedItems; `entries_of` makes records of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from extractors.dates import Moment
from extractors.errors import BadUrl
from extractors.plaintext import folded, shortened
from extractors.records import Entry, Feed, FeedKind
from extractors.redirectors import is_aggregator
from extractors.urls import absolute_url, canonical_url, host_of

# Characters. A headline is under 200; what is longer is an article without one.
MAX_TITLE_LENGTH = 500
# Characters. The gate reads the summary; a longer one is the whole article, which its page tells better.
MAX_SUMMARY_LENGTH = 2_000
_MAX_GUID_LENGTH = 1_000  # characters; a key, never read
_MAX_RAW_DATE_LENGTH = 100  # characters; kept so that people see what was not understood

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One item as its document has it. `links`: the addresses that it may mean, the best one first."""

    links: tuple[str, ...]
    title: str = ""  # plain text, of any length
    summary: str = ""  # plain text, of any length
    guid: str | None = None
    language: str | None = None
    published: Moment | None = None
    published_raw: str | None = None
    modified: Moment | None = None  # sitemaps' lastmod: when the page was last touched, never when it was published
    outlet: str | None = None  # host that the item names as its source, where its link leads to somebody else's


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChild:
    """A further document that belongs to one: a sitemap that an index names, or half a window that was full."""

    url: str  # absolute
    modified_at: datetime | None = None  # when it last changed, as its parent says


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed as it stood at one poll."""

    kind: FeedKind
    title: str  # plain text
    entries: tuple[Entry, ...]  # in the order of the document; no two with the same `url`
    skipped: int = 0  # items without a usable web address, and those beyond the cut of an over-long document
    children: tuple[FeedChild, ...] = ()  # what is to be asked besides, in the order of the document
    ttl_seconds: float | None = None  # how long it asks to be left alone: RSS <ttl>, sy:updatePeriod; None: unsaid


def language_tag(claimed: str | None) -> str | None:
    """A claimed language as a BCP 47 tag; None for what can't be one."""
    tag = (claimed or "").strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return None
    primary, hyphen, rest = tag.partition("-")
    return f"{primary.lower()}{hyphen}{rest}"


def entries_of(items: Iterable[FeedItem], feed: Feed, base: str, now: datetime) -> tuple[tuple[Entry, ...], int]:
    """The entries of a document at `base`, first seen at `now`, and how many items had no usable address."""
    entries: dict[str, Entry] = {}
    skipped = 0
    for item in items:
        address = _first_address(item, base)
        if address is None:
            skipped += 1
        elif address.url not in entries:
            entries[address.url] = _entry(item, address, feed, now)
    return tuple(entries.values()), skipped


class _Address(NamedTuple):
    """What is known of an item by its link alone."""

    url: str
    canonical: str
    outlet: str


def _first_address(item: FeedItem, base: str) -> _Address | None:
    for link in item.links:
        if link.strip():
            try:
                url = absolute_url(base, link)
                canonical = canonical_url(url)
                return _Address(url, canonical, _outlet(item, canonical))
            except BadUrl:
                continue
    return None


def _outlet(item: FeedItem, canonical: str) -> str:
    """Whose article it is: of an aggregator's link that does not carry its target, the host that the item names."""
    return (is_aggregator(canonical) and item.outlet) or host_of(canonical)


def _entry(item: FeedItem, address: _Address, feed: Feed, now: datetime) -> Entry:
    return Entry(
        url=address.url,
        canonical_url=address.canonical,
        feed_url=feed.url,
        outlet=feed.outlet or address.outlet,
        first_seen_at=now,
        title=shortened(item.title, MAX_TITLE_LENGTH),
        summary=shortened(item.summary, MAX_SUMMARY_LENGTH),
        guid=shortened(folded(item.guid), _MAX_GUID_LENGTH) if item.guid else None,
        language=feed.language or language_tag(item.language),
        modified_at=item.modified.at if item.modified else None,
        published_at=item.published.at if item.published else None,
        published_precision=item.published.precision if item.published else None,
        published_raw=shortened(folded(item.published_raw), _MAX_RAW_DATE_LENGTH) if item.published_raw else None,
    )
