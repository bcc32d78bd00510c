"""seeds/feeds.toml -> feeds. Reads what people write and says where it is wrong; asks nobody whether a feed is alive.

One table per feed:

    [[feed]]
    name = "Lantern, politics"             # for people
    url = "https://lantern.example/rss"    # the address that is polled
    language = "en"                        # optional; BCP 47
    outlet = "lantern.example"             # optional; else the host of each entry's address
    kind = "rss"                           # optional; a note for people: the body decides
    interval_minutes = 60                  # optional; asked no more often than that
    enabled = false                        # optional; true

and, optional, which news searches are asked the queries of story.toml:

    [search]
    engines = ["google-news", "bing-news", "gdelt"]
    interval_minutes = 30                  # optional; 30
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extractors.errors import BadUrl
from extractors.feed_items import language_tag
from extractors.records import Feed, FeedKind
from extractors.searches import SEARCH_INTERVAL_SECONDS, Engine
from extractors.toml_source import Key, TomlSource, read_toml
from extractors.url_parts import plain_form
from extractors.urls import host_of

_KEYS = ("url", "name", "outlet", "language", "kind", "interval_minutes", "enabled")
_LONGEST_INTERVAL = 1440  # minutes: what is asked less than daily is not watched


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """A whole feeds.toml."""

    feeds: tuple[Feed, ...]  # in its order, disabled ones among them
    engines: tuple[Engine, ...] = ()  # news searches that are asked
    search_interval_seconds: float = SEARCH_INTERVAL_SECONDS


def load_feeds(path: Path) -> tuple[Feed, ...]:
    """The feeds of a file, in its order, disabled ones among them. Raises SeedFileError(file, line, problem)."""
    return load_feed_list(path).feeds


def load_search(path: Path) -> tuple[Engine, ...]:
    """The news searches that a file says to ask; none where it has no [search]. Raises as `load_feeds`."""
    return load_feed_list(path).engines


def load_feed_list(path: Path) -> FeedList:
    """All that a file says. Raises SeedFileError(file, line, problem)."""
    source = read_toml(path)
    source.only((), ("feed", "search"))
    source.only(("search",), ("engines", "interval_minutes"))
    return FeedList(
        feeds=_feeds(source),
        engines=_engines(source),
        search_interval_seconds=_interval(source, ("search",)) or SEARCH_INTERVAL_SECONDS,
    )


def _feeds(source: TomlSource) -> tuple[Feed, ...]:
    tables = source.get("feed")
    if not isinstance(tables, list) or not tables:
        raise source.error(("feed",) if tables is not None else (), "no feed in it; write one as [[feed]]")
    feeds: list[Feed] = []
    first_seen: dict[str, int] = {}
    for place in range(len(tables)):
        feed = _feed(source, place)
        identity = plain_form(feed.url)
        if identity in first_seen:
            line = source.line_of("feed", first_seen[identity], "url")
            raise source.error(("feed", place, "url"), f"{feed.url} is already there, in line {line}")
        first_seen[identity] = place
        feeds.append(feed)
    return tuple(feeds)


def _feed(source: TomlSource, place: int) -> Feed:
    at = ("feed", place)
    source.only(at, _KEYS)
    url = source.text(*at, "url")
    try:
        plain_form(url)
    except BadUrl as error:
        raise source.error((*at, "url"), f"{url!r} is no web address: {error.detail}") from error
    enabled = source.get(*at, "enabled")
    if not isinstance(enabled, bool | None):
        raise source.error((*at, "enabled"), f"is {enabled!r}; must be true or false")
    return Feed(
        url=url,
        name=source.text(*at, "name"),
        outlet=_outlet(source, at),
        language=_language(source, at),
        kind=_kind(source, at),
        enabled=enabled is not False,
        interval_seconds=_interval(source, at),
    )


def _engines(source: TomlSource) -> tuple[Engine, ...]:
    if source.get("search") is None:
        return ()
    written = source.texts("search", "engines")
    if not written:
        raise source.error(("search", "engines"), f"must name one or more of: {', '.join(Engine)}")
    for place, name in enumerate(written):
        if name not in list(Engine):
            raise source.error(("search", "engines", place), f"{name!r} is unknown; allowed: {', '.join(Engine)}")
    return tuple(dict.fromkeys(Engine(name) for name in written))


def _interval(source: TomlSource, at: tuple[Key, ...]) -> float | None:
    """`interval_minutes` of the table at `at`, in seconds; None where it is missing."""
    if source.get(*at, "interval_minutes") is None:
        return None
    return 60 * source.number(*at, "interval_minutes", low=5, high=_LONGEST_INTERVAL)


def _outlet(source: TomlSource, at: tuple[str, int]) -> str | None:
    written = source.text(*at, "outlet", default="")
    if not written:
        return None
    try:
        host = host_of(f"https://{written}/")
    except BadUrl as error:
        raise source.error((*at, "outlet"), f"{written!r} is no host name such as lantern.example") from error
    if "/" in written or ":" in written:
        raise source.error((*at, "outlet"), f"{written!r} must be a host name alone, such as {host}")
    return host


def _language(source: TomlSource, at: tuple[str, int]) -> str | None:
    written = source.text(*at, "language", default="")
    tag = language_tag(written)
    if written and tag is None:
        raise source.error((*at, "language"), f"{written!r} is no language tag such as hu or pt-BR")
    return tag


def _kind(source: TomlSource, at: tuple[str, int]) -> FeedKind:
    written = source.text(*at, "kind", default=FeedKind.AUTO.value)
    if written not in list(FeedKind):
        raise source.error((*at, "kind"), f"{written!r} is unknown; allowed: {', '.join(FeedKind)}")
    return FeedKind(written)
