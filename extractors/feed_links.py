"""Where a site may have its feeds: what its page links to, what its robots.txt lists, and names that are common. Pure.

Addresses alone, the likeliest first; whether a feed is there shows when it is asked (flows/discovering.py).
"""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

from extractors.charsets import decode
from extractors.errors import BadUrl
from extractors.urls import absolute_url, canonical_url

MOST_LINKS = 10  # that are asked of one page; WordPress names 2 or 3, portals one per section
MOST_SITEMAPS = 5  # that are asked of one robots.txt
# Types by which pages announce feeds (https://www.rssboard.org/rss-autodiscovery, RFC 4287, jsonfeed.org). Not
# application/json: by that, WordPress announces its interface for programs.
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
    }
)
# Paths at which outlets in seeds/feeds.toml have their feeds, and those of common publishing systems
# (WordPress /feed, Drupal /rss.xml, Ghost /rss, Hugo /index.xml, Jekyll /feed.xml, Blogger /atom.xml).
FEED_PATHS = (
    "/rss",
    "/feed",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feeds",
    "/rss/all.xml",
    "/feed.json",
)
SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml")
_SITEMAP_LINE = re.compile(r"(?im)^[ \t]*site-?map[ \t]*:[ \t]*(\S+)")
_COMMENTS = re.compile(r"(?i)comment|kommentar|komment|commentaire|comentario")


def feed_links(body: bytes, content_type: str | None, url: str) -> tuple[str, ...]:
    """Feeds that an HTML page at `url` announces, absolute, in its order; those of its comments last."""
    text = decode(body, content_type)[0]
    try:
        page = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    base = url
    for element in page.iter("base"):
        base = _absolute(url, element.get("href")) or url
        break
    found: dict[str, bool] = {}  # address -> whether it is of comments
    for link in page.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "feed" in relations or ("alternate" in relations and kind in _TYPES):
            address = _absolute(base, link.get("href"))
            if address is not None:
                found.setdefault(address, bool(_COMMENTS.search(f"{link.get('title') or ''} {address}")))
    return tuple(sorted(found, key=lambda address: found[address]))[:MOST_LINKS]


def listed_sitemaps(robots: bytes, url: str) -> tuple[tuple[str, ...], int]:
    """Sitemaps that a robots.txt at `url` lists, in its order, and the number of its lines that name no address."""
    lines = _SITEMAP_LINE.findall(robots.decode("utf-8-sig", "replace"))
    addresses = [_absolute(url, line) for line in lines]
    return tuple(dict.fromkeys(filter(None, addresses))), addresses.count(None)


def likeliest_sitemaps(robots: bytes, url: str) -> tuple[str, ...]:
    """The sitemaps of a robots.txt at `url` that are worth asking; those of news first, by their name."""
    listed, _ = listed_sitemaps(robots, url)
    return tuple(sorted(listed, key=lambda address: "news" not in address.lower()))[:MOST_SITEMAPS]


def common_addresses(url: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """`paths` at the site of `url`."""
    return tuple(absolute_url(url, path) for path in paths)


def _absolute(base: str, link: str | None) -> str | None:
    try:
        address = absolute_url(base, link or "")
        canonical_url(address)
    except BadUrl:
        return None
    return address if (link or "").strip() else None
