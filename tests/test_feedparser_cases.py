"""Every case that feedparser is tested with, and 78 real feeds: none raises, all text can be stored, and of well-formed
feeds the titles and addresses are those that feedparser itself reads from the same bytes.

Items are compared as they are read, one by one and in order, before those without an address are dropped. What is done
to feedparser's values first, because it is our contract for every feed: a title is the text that a reader sees (markup
away, white space folded, NFC); an address is absolute and a web address, else it counts as none; for want of a link, an
id that is a web address stands in. Nothing else; where we differ all the same is listed in DIFFERENT.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import time
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest

from extractors import feeds
from extractors.errors import BadUrl, NotAFeed
from extractors.feed_items import FeedItem, entries_of
from extractors.feeds import FeedDocument, parse_feed
from extractors.plaintext import folded, plain_text
from extractors.records import Entry, Feed, Response
from extractors.urls import absolute_url, canonical_url
from tests.records_factory import T0

TESTDATA = os.environ.get("STORYWATCH_TESTDATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(TESTDATA is None, reason="STORYWATCH_TESTDATA names no folder of test data"),
]
ADDRESS = "http://feeds.example/folder/feed.xml"
_HEADER = re.compile(rb"(?im)^Header:\s+([\w-]+):\s*([^\r\n]*)")
# Cases in which we differ on purpose: case -> why. None is hidden: the test fails on one more and on one less.
NO_ADDRESS = "feedparser takes any id for a link where there is none; an id that is no address never becomes one here"
DIFFERENT = {
    "sanitize/entry_title_crazy.xml": "the code of a script is no text of a title; feedparser keeps it",
    "sanitize/entry_title_object.xml": "the text for those who can't see an embedded object is no text of a title",
    "atom10/entry_id_no_normalization_4.xml": "an address is kept as it was shown, HTTP:// in capitals included",
    "atom10/entry_id_with_attributes.xml": NO_ADDRESS,
    "node_precedence/atom10_id.xml": NO_ADDRESS,
    "base/http_entry_id_base_docuri.xml": NO_ADDRESS,
    "base/http_entry_id_base_content_location.xml": NO_ADDRESS,
    "lang/http_content_language_entry_title_inherit_2.xml": NO_ADDRESS,
}


@cache
def cases(name: str) -> dict[str, bytes]:
    """Path -> content of every file of an archive."""
    assert TESTDATA is not None
    found = {}
    with tarfile.open(fileobj=io.BytesIO((Path(TESTDATA) / "data/feeds" / name).read_bytes())) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                found[member.name] = content.read()
    return found


def headers_of(body: bytes) -> dict[str, str]:
    """The headers that a case wants to be served with; names in lower case."""
    return {name.decode().lower(): value.decode("latin-1").strip() for name, value in _HEADER.findall(body)}


def ours(body: bytes) -> FeedDocument | NotAFeed:
    headers = headers_of(body)
    response = Response(
        url=ADDRESS,
        final_url=headers.get("content-location", ADDRESS),
        status=200,
        headers=headers,
        body=body,
        fetched_at=T0,
        elapsed_seconds=0.0,
        wire_bytes=len(body),
    )
    try:
        return parse_feed(response, Feed(url=ADDRESS, name="case"), now=T0)
    except NotAFeed as error:
        return error


Item = tuple[str, str]  # title, address; empty: none


def our_items(body: bytes) -> list[Item]:
    """What our reader makes of the items, on their way to becoming entries."""
    seen: list[FeedItem] = []

    def noting(items: Iterable[FeedItem], *others: Any) -> tuple[tuple[Entry, ...], int]:
        seen.extend(items)
        return entries_of(seen, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds, "entries_of", noting)
        ours(body)
    base = headers_of(body).get("content-location", ADDRESS)
    return [(item.title, next(filter(None, (address(base, link) for link in item.links)), "")) for item in seen]


def their_items(body: bytes) -> list[Item]:
    """What feedparser makes of them, with what the module says done to it."""
    headers = {"content-location": ADDRESS, **headers_of(body)}
    document = feedparser.parse(BytesIO(body), response_headers=headers)
    base = headers["content-location"]
    return [
        (
            title_of(entry, document.version),
            address(base, str(entry.get("link") or "")) or address("", str(entry.get("id") or "")),
        )
        for entry in document.entries
    ]


def address(base: str, link: str) -> str:
    """A link as an absolute web address; empty: it is none."""
    try:
        url = absolute_url(base, link) if link.strip() else ""
        return url if url and canonical_url(url) else ""
    except BadUrl:
        return ""


def title_of(entry: Any, version: str) -> str:
    title = str(entry.get("title") or "")
    is_text = version.startswith("atom") and entry.get("title_detail", {}).get("type") == "text/plain"
    return folded(title) if is_text else plain_text(title)


def texts(document: FeedDocument) -> Iterator[str]:
    yield document.title
    for entry in document.entries:
        values = (entry.url, entry.title, entry.summary, entry.guid, entry.language, entry.published_raw, entry.outlet)
        yield from (value for value in values if value is not None)


@pytest.mark.parametrize("archive", ["feedparser-cases.tar.gz", "real-feeds.tar.gz"])
def test_no_feed_raises_and_all_text_can_be_stored(archive: str) -> None:
    found = cases(archive)
    assert len(found) >= (2_100 if "cases" in archive else 78)
    for name, body in found.items():
        document = ours(body)
        for text in texts(document) if isinstance(document, FeedDocument) else [document.detail]:
            assert "\0" not in text, name
            assert text.encode("utf-8").decode("utf-8") == text, name  # a surrogate would raise


def wellformed() -> dict[str, bytes]:
    found = cases("feedparser-cases.tar.gz")
    return {name.partition("wellformed/")[2]: body for name, body in found.items() if "wellformed/" in name}


def test_titles_and_addresses_of_well_formed_feeds_are_feedparsers_own() -> None:
    compared = {name: (our_items(body), their_items(body)) for name, body in wellformed().items()}
    different = {name: pair for name, pair in compared.items() if pair[0] != pair[1]}
    assert different.keys() == DIFFERENT.keys(), {k: v for k, v in different.items() if k not in DIFFERENT}
    items = [item for _, read in compared.values() for item in read]
    assert len(compared) >= 1_700
    assert sum(bool(title) for title, _ in items) >= 150
    assert sum(bool(url) for _, url in items) >= 100


def test_all_cases_are_read_within_ten_seconds_of_processor_time() -> None:
    started = time.process_time()
    for body in cases("feedparser-cases.tar.gz").values():
        ours(body)
    assert time.process_time() - started < 10
