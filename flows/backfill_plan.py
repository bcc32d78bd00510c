"""What a backfill asks: its slices, from the feeds, the queries and the time that is wanted. Pure; asks nobody.

    feeds.toml sitemaps, robots.txt of outlets without one, story.toml queries --plan--> Slice
    Slice --answered--> children: sitemaps of an index, halves of a search that was full --children_of--> Slice

A slice's name holds all that its answer depends on, so that the same call again finds it done. Searches are cut into
days (Google shows 100 articles of a search at most) or weeks (GDELT shows 250, and is halved when it has more).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from extractors.address_dates import Span, span_in_address
from extractors.errors import InputError
from extractors.feed_items import FeedChild
from extractors.records import Feed, FeedKind, Slice
from extractors.searches import NAMES, Engine, Query, asked_of, search_url
from extractors.urls import host_of

ROBOTS = "/robots.txt"
STEPS = {Engine.GOOGLE_NEWS: timedelta(days=1), Engine.GDELT: timedelta(days=7)}
# Sitemaps without a date that are asked of one index: archives of large outlets have some hundreds of these.
MAX_UNDATED = 500
MAX_DEPTH = 3  # robots.txt, an index, an index of a year; an endless chain must end
# GDELT is not asked for less than this: what is published within it is cut off at 250 articles.
SHORTEST = timedelta(minutes=15)

# First labels of hosts that serve an outlet's feeds and nothing else: its sitemaps are elsewhere.
FEED_HOSTS = frozenset({"rss", "feeds", "feed", "newsfeed", "xml"})
ZONES = timedelta(hours=14)  # the furthest that a civil time is away from UTC


class UnknownSource(InputError):
    """--source names nothing that a backfill could ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The children of a document that are to be asked, and how many are not."""

    slices: tuple[Slice, ...]
    left_out: int


def planned(
    feeds: Sequence[Feed], queries: Sequence[Query], engines: Sequence[Engine], window: Span, names: Sequence[str] = ()
) -> list[Slice]:
    """The slices that a backfill of the window begins with. `names`: only sources whose name holds one of these.

    Raises UnknownSource for a name that no source has.
    """
    slices = [*_of_sitemaps(feeds, window), *_of_searches(queries, engines, window), *_of_robots(feeds, window)]
    sources = sorted({one.source for one in slices})
    for name in names:
        if not any(name.casefold() in source.casefold() for source in sources):
            near = difflib.get_close_matches(name, sources, n=5, cutoff=0.3) or sources[:5]
            raise UnknownSource(
                f"--source {name!r}: none of {len(sources)} sources has that in its name; near it: {'; '.join(near)}; "
                "--dry-run names all"
            )
    return [one for one in slices if not names or any(name.casefold() in one.source.casefold() for name in names)]


def slice_name(what: str, window: Span) -> str:
    """What is asked, and for which time: the name of a slice."""
    if window.since is None or window.until is None:
        return what
    form = "%Y-%m-%d" if _is_midnight(window.since) and _is_midnight(window.until) else "%Y-%m-%dT%H:%M:%SZ"
    return f"{what} {window.since:{form}}..{window.until:{form}}"


def _is_midnight(at: datetime) -> bool:
    return at.time() == datetime.min.time()


def _of_sitemaps(feeds: Sequence[Feed], window: Span) -> Iterator[Slice]:
    for feed in feeds:
        if feed.kind is FeedKind.SITEMAP:
            yield _sitemap(feed.name, feed.url, feed.url, window)


def _sitemap(source: str, url: str, feed_url: str, window: Span, depth: int = 0) -> Slice:
    return Slice(
        source=source,
        slice=slice_name(url, window),
        url=url,
        feed_url=feed_url,
        depth=depth,
        since_at=window.since,
        until_at=window.until,
    )


def _of_robots(feeds: Sequence[Feed], window: Span) -> Iterator[Slice]:
    """The robots.txt of outlets whose sitemap feeds.toml does not name: it names their sitemaps as a rule."""
    named = {_outlet(feed) for feed in feeds if feed.kind is FeedKind.SITEMAP}
    for outlet in sorted({_outlet(feed) for feed in feeds if not feed.is_search} - named):
        feed = next(feed for feed in feeds if not feed.is_search and _outlet(feed) == outlet)
        scheme = urlsplit(feed.url).scheme
        host = (urlsplit(feed.url).netloc if host_of(feed.url) == outlet else outlet).rpartition("@")[2]
        first, _, rest = host.partition(".")
        if first in FEED_HOSTS and "." in rest:
            host = f"www.{rest}"
        address = f"{scheme}://{host}{ROBOTS}"
        yield _sitemap(f"sitemaps of {outlet}", address, address, window)


def _outlet(feed: Feed) -> str:
    return feed.outlet or host_of(feed.url)


def _of_searches(queries: Sequence[Query], engines: Sequence[Engine], window: Span) -> Iterator[Slice]:
    """A slice per engine that takes dates, query and step of time. The engines take turns: each is one host."""
    if window.since is None or window.until is None:
        return
    for engine, step in STEPS.items():
        for query in asked_of(engine, queries) if engine in engines else ():
            start = window.since
            while start < window.until:
                span = Span(since=start, until=min(start + step, window.until))
                yield Slice(
                    source=f"{NAMES[engine]} {query.language}: {query.text}",
                    slice=slice_name("search", span),
                    url=search_url(engine, query, since=span.since, until=span.until),
                    feed_url=search_url(engine, query),
                    since_at=span.since,
                    until_at=span.until,
                )
                start += step


def widened(span: Span | None) -> Span | None:
    """A day, month or year of an address as it may be meant: outlets mean that of their own time zone."""
    if span is None or span.since is None or span.until is None:
        return span
    return Span(since=span.since - ZONES, until=span.until + ZONES)


def children_of(parent: Slice, children: Iterable[FeedChild]) -> Chosen:
    """Which further documents of an answer are asked: first those whose address or lastmod says that they may hold
    something of the slice's time, then those that say nothing. A lastmod before that time rules a sitemap out; one
    after it says nothing, as archives are touched for years.
    """
    window = Span(since=parent.since_at, until=parent.until_at)
    if _is_gdelt(parent.url):
        return _halves(parent, children)
    dated: list[tuple[datetime, Slice]] = []
    undated: list[Slice] = []
    left_out = 0
    for child in {child.url: child for child in children}.values():
        span = widened(span_in_address(child.url))
        too_old = child.modified_at is not None and window.since is not None and child.modified_at < window.since
        if too_old or parent.depth >= MAX_DEPTH or (span is not None and not span.overlaps(window)):
            left_out += 1
            continue
        one = _sitemap(parent.source, child.url, parent.feed_url, window, parent.depth + 1)
        if span is not None and span.since is not None:
            dated.append((span.since, one))
        elif child.modified_at is not None and window.holds(child.modified_at):
            dated.append((child.modified_at, one))
        else:
            undated.append(one)
    dated.sort(key=lambda pair: pair[0])
    left_out += len(undated[MAX_UNDATED:])
    return Chosen(slices=(*(one for _, one in dated), *undated[:MAX_UNDATED]), left_out=left_out)


def _is_gdelt(url: str | None) -> bool:
    try:
        return url is not None and "startdatetime" in parse_qs(urlsplit(url).query)
    except ValueError:  # no address
        return False


def _halves(parent: Slice, children: Iterable[FeedChild]) -> Chosen:
    slices, left_out = [], 0
    for child in children:
        fields = parse_qs(urlsplit(child.url).query)
        since, until = (_gdelt_time(fields, key) for key in ("startdatetime", "enddatetime"))
        if since is None or until is None or until - since < SHORTEST:
            left_out += 1
            continue
        span = Span(since=since, until=until)
        slices.append(
            Slice(
                source=parent.source,
                slice=slice_name("search", span),
                url=child.url,
                feed_url=parent.feed_url,
                depth=parent.depth + 1,
                since_at=since,
                until_at=until,
            )
        )
    return Chosen(slices=tuple(slices), left_out=left_out)


def _gdelt_time(fields: dict[str, list[str]], key: str) -> datetime | None:
    try:
        return datetime.strptime(fields[key][0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (KeyError, ValueError):
        return None


def belongs(one: Slice, window: Span, roots: dict[str, set[str]]) -> bool:
    """Whether a slice of the warehouse is one of this call's: a root of it, or a document that was found below one.
    `roots`: source -> names of its roots.
    """
    if one.source not in roots:
        return False
    if one.slice in roots[one.source]:
        return True
    if one.depth == 0 or one.since_at is None or one.until_at is None:
        return False
    if _is_gdelt(one.url):
        return (
            window.since is not None
            and window.until is not None
            and (window.since <= one.since_at and one.until_at <= window.until)
        )
    return (one.since_at, one.until_at) == (window.since, window.until)
