"""Finds the feeds of a site: what `storywatch feeds add` does before it writes. Asks, reads, decides; writes nothing.

    URL --ask--> a feed: it is taken
                 a page: its links, then robots.txt and common names, each asked and read --> Found, the best first

What is guessed is asked only where robots.txt allows it, and no more than a few names per site.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from urllib.parse import urljoin

from extractors.errors import NetworkUnreachable, NotAFeed, StorywatchError
from extractors.feed_items import FeedDocument
from extractors.feed_links import FEED_PATHS, SITEMAP_PATHS, common_addresses, feed_links, likeliest_sitemaps
from extractors.feeds import parse_feed
from extractors.http import Request
from extractors.records import Failure, Feed, FeedKind, Response
from extractors.url_parts import plain_form
from flows.answers import FEED_ACCEPT
from flows.polling import UNREACHABLE
from flows.watch import WebSession
from flows.world import World

COMMON_NAME = "a common name"
ACCEPT = f"{FEED_ACCEPT}, text/html;q=0.8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed that answered."""

    url: str
    how: str  # "the address given", "linked by the page", "listed in robots.txt", "a common name"
    title: str
    kind: FeedKind
    entries: int
    children: int  # sitemaps that an index names
    newest_at: datetime | None  # publication of its newest entry; None: no entry has a date
    language: str | None


def discover(
    url: str, web: WebSession, world: World, deadline_seconds: float, *, all_ways: bool = False
) -> list[Found]:
    """The feeds at `url` or of the site whose page it is, the best first; none: nothing of the kind was found.

    The first way that leads to a feed ends the search; `all_ways`: every way is tried. Raises StorywatchError when
    `url` itself does not answer.
    """
    ends = time.monotonic() + deadline_seconds
    ((_, answer),) = web.fetch_all(
        [Request(url=url, accept=ACCEPT, obey_robots=False)], lambda _: None, deadline_seconds
    )
    if isinstance(answer, Failure):
        unreachable = answer.reason in UNREACHABLE
        raise (NetworkUnreachable if unreachable else StorywatchError)(f"{url}: {answer.reason}: {answer.detail}")
    given = _read(answer, url, "the address given", world.clock())
    if given is not None:
        return [given]
    found: dict[str, Found] = {}
    for how, addresses, obey_robots in _ways(answer, web, ends):
        for feed in _asked(addresses, how, web, world, ends, obey_robots=obey_robots):
            found.setdefault(plain_form(feed.url), feed)
        if found and not all_ways:
            break
    return sorted(found.values(), key=_worth)


def _ways(page: Response, web: WebSession, ends: float) -> Iterator[tuple[str, Sequence[str], bool]]:
    """(how, addresses, whether robots.txt is obeyed), the best way first; robots.txt is asked when its turn comes."""
    url = page.final_url
    yield "linked by the page", feed_links(page.body, page.headers.get("content-type"), url), False
    yield COMMON_NAME, common_addresses(url, FEED_PATHS), True
    robots_url = urljoin(url, "/robots.txt")
    robots = web.fetch_all(
        [Request(url=robots_url, obey_robots=False)], lambda _: None, max(0.1, ends - time.monotonic())
    )
    bodies = (answer.body for _, answer in robots if isinstance(answer, Response))
    yield "listed in robots.txt", tuple(chain.from_iterable(likeliest_sitemaps(b, robots_url) for b in bodies)), False
    yield COMMON_NAME, common_addresses(url, SITEMAP_PATHS), True


def _asked(
    addresses: Iterable[str], how: str, web: WebSession, world: World, ends: float, *, obey_robots: bool
) -> Iterator[Found]:
    requests = [Request(url=address, accept=FEED_ACCEPT, obey_robots=obey_robots) for address in addresses]
    left = ends - time.monotonic()
    if not requests or left <= 0:
        return
    with world.progress.stage(how, len(requests)) as stage:
        answers = web.fetch_all(requests, lambda result: stage.advance(failed=isinstance(result[1], Failure)), left)
    for request, answer in answers:
        if isinstance(answer, Response) and (found := _read(answer, request.url, how, world.clock())):
            yield found


def _read(answer: Response, url: str, how: str, now: datetime) -> Found | None:
    try:
        document = parse_feed(answer, Feed(url=url, name=url), now=now)
    except NotAFeed:
        return None
    return Found(
        url=answer.final_url if how == COMMON_NAME else url,  # several of them may lead to one feed
        how=how,
        title=document.title,
        kind=document.kind,
        entries=len(document.entries),
        children=len(document.children),
        newest_at=newest(document),
        language=next((entry.language for entry in document.entries if entry.language), None),
    )


def newest(document: FeedDocument) -> datetime | None:
    """When its newest entry was published, or, where none says so, changed; of an index its newest sitemap."""
    published = [entry.published_at for entry in document.entries if entry.published_at]
    modified = [entry.modified_at for entry in document.entries if entry.modified_at]
    children = [child.modified_at for child in document.children if child.modified_at]
    return max(published or modified or children, default=None)


def _worth(feed: Found) -> tuple[bool, bool]:
    """Sorts feeds with entries before empty ones and before indexes; Python keeps the order of the others."""
    return feed.entries == 0, feed.kind is FeedKind.SITEMAP
