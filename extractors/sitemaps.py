"""Sitemaps, Google-news sitemaps and sitemap indexes (sitemaps.org 0.9, sitemap-news 0.9) -> FeedItems.

Pure; called by feeds.py alone. Read by local names: outlets get the namespaces wrong. `lastmod` says when a page was
last touched, not when it was published: it never becomes a date of publication.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from extractors.dates import moment
from extractors.errors import BadUrl, NotAFeed
from extractors.feed_items import FeedChild, FeedItem
from extractors.plaintext import plain_text
from extractors.urls import absolute_url

# sitemaps.org allows 50,000 addresses per file; a file that goes on beyond is cut there.
MAX_URLS = 50_000


def sitemap(xml: bytes, url: str, now: datetime) -> tuple[list[FeedItem], tuple[FeedChild, ...]]:
    """Items of a sitemap, or the sitemaps of an index, in document order, each address once. Raises NotAFeed.

    `xml`: UTF-8 without a document type (feed_body.py sees to both). `url`: where it was found, for relative addresses.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeed(url, f"a broken sitemap: {error}") from error
    if root is None:
        raise NotAFeed(url, "a sitemap of which nothing can be read")
    items: list[FeedItem] = []
    children: dict[str, FeedChild] = {}
    for element in root:
        name = _local_name(element)
        if name == "url" and len(items) < MAX_URLS:
            items.append(_item(element, now))
        elif name == "sitemap" and len(children) < MAX_URLS:
            fields = _fields(element)
            try:
                address = absolute_url(url, fields.get("loc", ""))
            except BadUrl:
                continue
            modified = moment(fields.get("lastmod", ""), now)
            children.setdefault(address, FeedChild(url=address, modified_at=modified.at if modified else None))
    return items, tuple(children.values())


def _item(element: etree._Element, now: datetime) -> FeedItem:
    fields = _fields(element)
    raw = fields.get("publication_date", "")
    return FeedItem(
        links=(fields.get("loc", ""),),
        title=plain_text(fields.get("title", "")),
        language=fields.get("language"),
        published=moment(raw, now),
        published_raw=raw or None,
        modified=moment(fields.get("lastmod", ""), now),
    )


def _fields(element: etree._Element) -> dict[str, str]:
    """Texts of the descendants that count, by local name; the first of each name. Images and videos are passed over."""
    found: dict[str, str] = {}
    for child in element:
        name = _local_name(child)
        if name == "news":
            for part in child.iter():
                if _local_name(part) in ("title", "publication_date", "language") and part.text:
                    found.setdefault(_local_name(part), part.text.strip())
        elif name in ("loc", "lastmod"):
            found.setdefault(name, (child.text or "").strip())
    return found


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
