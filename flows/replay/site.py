"""The content of the replay: outlets, what their feeds list, and what the pipe is expected to make of each URL.

Reads `outlets/<slug>/outlet.toml` and `outlets/<slug>/articles/*.toml`; no network, no clock. Pages and feeds are made
from these records by render.py and served by server.py.

An article's file has these keys (times are aware; a paragraph ends at an empty line):

    path        path (and query) as the feed shows it
    headline, summary, byline, published, body
    serves      "page" (default), "pdf", "nothing" (404), "redirect" or "alias" (a page under another spelling)
    target      redirect and alias: slug of the article of the same outlet that is meant
    location    redirect: "absolute" or "path", how the Location field is written
    listed      false: no feed shows it
    feed_date   what the feed says instead of `published`; "" for no date at all
    broken_byte true: one byte of the summary is no UTF-8 in the feed
    [expected]  outcome, reason (records.REASONS), of ("<outlet>/<slug>" or "seed:<slug>"), relevance
    [seed]      slug, facts: this article is a demo seed
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from extractors.records import REASONS, Feed, FeedKind, Outcome, Relevance

OUTLETS_FOLDER = Path(__file__).parent / "outlets"

# The clock of the demo: the evening of the call, after the White House visit, after the cancellation.
MOMENTS: tuple[datetime, datetime, datetime] = (
    datetime(2025, 10, 16, 21, 0, tzinfo=UTC),
    datetime(2025, 10, 18, 9, 0, tzinfo=UTC),
    datetime(2025, 10, 23, 9, 0, tzinfo=UTC),
)

Serves = Literal["page", "pdf", "nothing", "redirect", "alias"]
FeedFormat = Literal["rss", "atom", "json", "sitemap"]
Validator = Literal["etag", "last_modified", "none"]

SERVES: tuple[Serves, ...] = ("page", "pdf", "nothing", "redirect", "alias")
FEED_FORMATS: tuple[FeedFormat, ...] = ("rss", "atom", "json", "sitemap")
VALIDATORS: tuple[Validator, ...] = ("etag", "last_modified", "none")

_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletFeed:
    """A feed of an outlet."""

    path: str
    format: FeedFormat
    name: str  # for people
    kind: FeedKind  # what feeds.toml would claim
    validator: Validator  # which validator it hands out and answers 304 to
    relative_links: bool  # links are relative to xml:base
    status: int  # 200, or what a dead feed answers with


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A fictional news site."""

    slug: str  # name of its folder
    host: str  # on .example
    name: str
    language: str  # BCP 47
    feeds: tuple[OutletFeed, ...]
    robots: str | None  # text of robots.txt; None: 404
    charset: str  # of its pages
    charset_in_header: bool  # whether Content-Type names it
    gzip: bool  # whether it compresses for those who accept it
    zone: timezone  # of the dates that it prints
    months: tuple[str, ...]  # as its pages print them
    date_format: str  # of its pages: {day}, {month}, {year}, {time}

    def url(self, path: str) -> str:
        """Absolute address of a path of this outlet."""
        return f"http://{self.host}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedOutcome:
    """What the file of an article expects, `of` still by name."""

    outcome: Outcome
    reason: str  # key of records.REASONS
    of: str | None  # "<outlet>/<slug>" or "seed:<slug>"
    relevance: Relevance | None  # None: never scored


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSeed:
    """The mark of an article that is a demo seed."""

    slug: str
    facts: tuple[str, ...]  # in words of our own, none of them the article's


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayArticle:
    """An address of an outlet and what stands there."""

    outlet: str  # slug of the outlet
    slug: str  # stem of its file
    path: str
    headline: str
    summary: str
    byline: str
    published: datetime  # when it comes into being: before, neither feed nor page shows it
    paragraphs: tuple[str, ...]  # empty unless it serves a page or a PDF
    serves: Serves
    target: str | None
    location: Literal["absolute", "path"]
    listed: bool
    feed_date: str | None  # None: `published`, in the feed's own format
    broken_byte: bool
    expected: ExpectedOutcome | None  # None exactly when not listed
    seed: DemoSeed | None

    @property
    def key(self) -> str:
        """The name by which other files refer to it."""
        return f"{self.outlet}/{self.slug}"

    @property
    def text(self) -> str:
        """The body as the pipe should find it: one paragraph per line."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the ledger must say about a URL that a feed of the replay shows."""

    url: str  # absolute, as the feed shows it, before canonicalisation
    outcome: Outcome
    reason: str  # key of records.REASONS
    of: str | None  # URL of the original, as its feed shows it, or "seed:<slug>"
    relevance: Relevance | None  # None: never scored
    moment: datetime  # the first of MOMENTS at which the feed shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All outlets with all that they ever publish."""

    outlets: tuple[Outlet, ...]
    articles: tuple[ReplayArticle, ...]

    def outlet(self, slug: str) -> Outlet:
        """The outlet of that folder; KeyError if there is none."""
        return {outlet.slug: outlet for outlet in self.outlets}[slug]

    def article(self, key: str) -> ReplayArticle:
        """The article of that "<outlet>/<slug>"; KeyError if there is none."""
        return {article.key: article for article in self.articles}[key]

    def of_outlet(self, slug: str, moment: datetime) -> tuple[ReplayArticle, ...]:
        """What the outlet has published by `moment`, newest first, aliases after what they stand for."""
        there = [a for a in self.articles if a.outlet == slug and a.published <= moment]
        return tuple(sorted(there, key=lambda a: (-a.published.timestamp(), a.serves == "alias", a.slug)))

    def url(self, article: ReplayArticle) -> str:
        """The absolute address of an article, as a feed shows it."""
        return self.outlet(article.outlet).url(article.path)


@cache
def load_site() -> Site:
    """The whole replay, read once. ValueError or KeyError: a file of ours says something impossible."""
    outlets, articles = [], []
    for folder in sorted(path for path in OUTLETS_FOLDER.iterdir() if (path / "outlet.toml").is_file()):
        outlets.append(_outlet(folder))
        articles += [_article(path, folder.name) for path in sorted((folder / "articles").glob("*.toml"))]
    return Site(outlets=tuple(outlets), articles=tuple(articles))


def feeds() -> tuple[Feed, ...]:
    """The feeds of the replay as seeds/feeds.toml would name them, the dead one among them."""
    return tuple(
        Feed(
            url=outlet.url(feed.path),
            name=feed.name,
            outlet=outlet.host.removeprefix("www."),
            language=outlet.language,
            kind=feed.kind,
        )
        for outlet in load_site().outlets
        for feed in outlet.feeds
    )


def expected() -> tuple[Expected, ...]:
    """One row per URL that any feed shows, in order of moment and URL."""
    site = load_site()
    rows = [
        Expected(
            url=site.url(article),
            outcome=article.expected.outcome,
            reason=article.expected.reason,
            of=_original(site, article.expected.of),
            relevance=article.expected.relevance,
            moment=moment_of(article),
        )
        for article in site.articles
        if article.expected is not None
    ]
    return tuple(sorted(rows, key=lambda row: (row.moment, row.url)))


def moment_of(article: ReplayArticle) -> datetime:
    """The first of MOMENTS at which the article is there; ValueError if there is none."""
    for moment in MOMENTS:
        if article.published <= moment:
            return moment
    raise ValueError(f"{article.key} is published after the last moment: {article.published}")


# -- reading the files ---------------------------------------------------------------------------------------------


def _original(site: Site, of: str | None) -> str | None:
    if of is None or of.startswith("seed:"):
        return of
    return site.url(site.article(of))


def _outlet(folder: Path) -> Outlet:
    table = tomllib.loads((folder / "outlet.toml").read_text("utf-8"))
    return Outlet(
        slug=folder.name,
        host=table["host"],
        name=table["name"],
        language=table["language"],
        feeds=tuple(_feed(feed, table["name"]) for feed in table["feed"]),
        robots=table.get("robots"),
        charset=table.get("charset", "utf-8"),
        charset_in_header=table.get("charset_in_header", True),
        gzip=table.get("gzip", False),
        zone=timezone(timedelta(hours=table["utc_offset_hours"])),
        months=tuple(table["months"]),
        date_format=table["date_format"],
    )


def _feed(table: Mapping[str, Any], outlet_name: str) -> OutletFeed:
    return OutletFeed(
        path=table["path"],
        format=_one_of(table["format"], FEED_FORMATS),
        name=table.get("name", outlet_name),
        kind=FeedKind(table.get("kind", "auto")),
        validator=_one_of(table.get("validator", "none"), VALIDATORS),
        relative_links=table.get("relative_links", False),
        status=table.get("status", 200),
    )


def _article(path: Path, outlet: str) -> ReplayArticle:
    table = tomllib.loads(path.read_text("utf-8"))
    published = cast(datetime, table["published"])
    if published.tzinfo is None:
        raise ValueError(f"{path}: published has no offset")
    seed = table.get("seed")
    return ReplayArticle(
        outlet=outlet,
        slug=path.stem,
        path=table["path"],
        headline=table["headline"],
        summary=table.get("summary", ""),
        byline=table.get("byline", ""),
        published=published.astimezone(UTC),
        paragraphs=tuple(" ".join(part.split()) for part in table.get("body", "").split("\n\n") if part.strip()),
        serves=_one_of(table.get("serves", "page"), SERVES),
        target=table.get("target"),
        location=_one_of(table.get("location", "path"), ("absolute", "path")),
        listed=table.get("listed", True),
        feed_date=table.get("feed_date"),
        broken_byte=table.get("broken_byte", False),
        expected=_expected(table["expected"]) if "expected" in table else None,
        seed=DemoSeed(slug=seed["slug"], facts=tuple(seed["facts"])) if seed else None,
    )


def _expected(table: Mapping[str, Any]) -> ExpectedOutcome:
    outcome = Outcome(table["outcome"])
    if REASONS[table["reason"]] is not outcome:
        raise ValueError(f"reason {table['reason']!r} does not belong to outcome {outcome!r}")
    relevance = table.get("relevance")
    return ExpectedOutcome(
        outcome=outcome,
        reason=table["reason"],
        of=table.get("of"),
        relevance=Relevance(relevance) if relevance is not None else None,
    )


def _one_of(word: str, allowed: tuple[_Word, ...]) -> _Word:
    for candidate in allowed:
        if candidate == word:
            return candidate
    raise ValueError(f"{word!r} is none of {allowed}")
