"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> FeedItems. Pure; called by feeds.py alone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from extractors.dates import moment
from extractors.errors import NotAFeed
from extractors.feed_items import FeedItem
from extractors.plaintext import folded, plain_text


def json_feed(text: str, url: str, now: datetime) -> tuple[str, list[FeedItem]]:
    """Title and items of a JSON Feed. Raises NotAFeed for JSON that is none."""
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise NotAFeed(url, "JSON, nested too deeply to be a feed") from error
    except ValueError as error:
        raise NotAFeed(url, f"broken JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed(url, "JSON, but no JSON Feed (no list of items)")
    is_feed = "jsonfeed.org" in _text(document.get("version"))
    items = [_item(item, _text(document.get("language")), now) for item in document["items"] if isinstance(item, dict)]
    if not is_feed and not any(item.links for item in items):
        raise NotAFeed(url, "JSON, but no JSON Feed (no version, and no item with an address)")
    broken = len(document["items"]) - len(items)
    return _text(document.get("title")), items + [FeedItem(links=())] * broken


def _item(item: dict[str, Any], language: str, now: datetime) -> FeedItem:
    raw = _text(item.get("date_published"))
    links = (_text(item.get(name)) for name in ("url", "id", "external_url"))
    return FeedItem(
        links=tuple(link for link in links if link.strip().lower().startswith(("http:", "https:", "/"))),
        title=folded(_text(item.get("title"))),
        summary=folded(_text(item.get("summary")) or _text(item.get("content_text")))
        or plain_text(_text(item.get("content_html"))),
        guid=_text(item.get("id")) or None,
        language=_text(item.get("language")) or language,
        published=moment(raw, now),
        published_raw=raw or None,
    )


def _text(value: object) -> str:
    """A member that should be a string; numbers are taken as written (ids often are), all else is no text."""
    return value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
