"""Bytes that somebody already has -> a Page, as if they had been fetched from an address."""

from __future__ import annotations

from datetime import datetime

from extractors.records import Entry, Page, Response
from extractors.urls import canonical_url, host_of


def page_of(body: bytes, url: str, now: datetime, *, content_type: str = "text/html") -> Page:
    """A page that answered at `url` with `body` at `now`, with an entry that no feed showed. Raises BadUrl."""
    response = Response(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": content_type},
        body=body,
        fetched_at=now,
        elapsed_seconds=0.0,
        wire_bytes=len(body),
    )
    return Page(entry=unshown_entry(url, now), response=response)


def unshown_entry(url: str, now: datetime) -> Entry:
    """The entry of an address that a person named and no feed showed. Raises BadUrl."""
    return Entry(url=url, canonical_url=canonical_url(url), feed_url="", outlet=host_of(url), first_seen_at=now)
