"""One address, fetched and judged as a run would, and nothing written: what `storywatch fetch` does, without options.

    URL --web session--> Response --extraction pool--> Article --story--> Trial

Not here: the ledger, duplicates, the warehouse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from extractors import story
from extractors.charsets import decode
from extractors.decoding import content_codings
from extractors.errors import BadUrl, SettingsError
from extractors.http import Request
from extractors.records import Article, Entry, Failure, Fetch, Match, Page, Relevance, Response
from extractors.redirectors import final_target, target_in_page
from extractors.urls import canonical_url, host_of
from flows.asking import PAGE_ACCEPT, is_in_between
from flows.isolation import ExtractionPool
from flows.polling import OFF_BECAUSE, UNREACHABLE
from flows.settings import Settings
from flows.watch import WebSession, require_contact
from flows.world import World

# Headers that say what was sent, how long it holds, and who sent it.
TELLING_HEADERS = (
    "content-type",
    "content-encoding",
    "content-language",
    "etag",
    "last-modified",
    "date",
    "age",
    "cache-control",
    "expires",
    "retry-after",
    "x-robots-tag",
    "server",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """One robots.txt on the way, and what its answer was."""

    url: str
    status: int | None  # None: no answer
    reason: str  # "ok", or why it did not come
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came over the wire."""

    final_url: str
    redirects: tuple[str, ...]  # the addresses on the way, the asked one first; empty: none
    headers: Mapping[str, str]  # those of TELLING_HEADERS that were sent
    content_type: str | None
    charset: str | None  # what the body is read as; None: no body
    codings: tuple[str, ...]  # as applied by the server, in order
    wire_bytes: int
    decoded_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The article on the page."""

    title: str
    outlet: str
    language: str | None
    words: int
    authors: tuple[str, ...]
    published_at: datetime | None
    published_precision: str | None
    published_source: str | None
    canonical_link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the story stands to the article."""

    story: str  # its name
    relevance: Relevance
    score: float  # [0, 1]
    rule: str
    is_taken: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What fetching an address gave, and why. A step that was not reached is None."""

    url: str
    target: str | None  # what an aggregator's or redirector's link leads to, and was asked instead; None: no such link
    is_article: bool
    reason: str  # "article", or a key of records.REASONS
    detail: str
    status: int | None  # None: no answer
    transient: bool  # whether a run would try again later
    attempts: int
    elapsed_seconds: float  # on the network, waits between attempts apart
    retry_after_seconds: float | None
    robots_decision: str  # "allowed", "forbidden", "unavailable", "not asked"
    robots: tuple[Robots, ...]  # every robots.txt that was asked, in order
    answer: Answered | None = None
    article: Text | None = None
    story: Standing | None = None

    @property
    def is_unreachable(self) -> bool:
        """Whether it is the way to the server that failed."""
        return self.reason in UNREACHABLE


def try_url(url: str, settings: Settings, world: World, watched: story.Story) -> tuple[Trial, bytes]:
    """The trial of `url`, and the decoded body (empty: none came). Raises SettingsError for what is no web address."""
    try:
        canonical = canonical_url(url)
    except BadUrl as error:
        raise SettingsError("URL", url, error.detail, "the command line") from None
    require_contact(settings, world)
    target = final_target(url)
    with WebSession(settings, world) as web:
        answer = _answer(web, target or url, settings, world)
        if not isinstance(answer, Failure) and is_in_between(url, answer):
            target = target_in_page(answer)
            answer = _answer(web, target, settings, world) if target else _lead(url, answer)
        asked = web.new_robots_fetches()
    if isinstance(answer, Failure):
        return _failed(url, target, answer, asked), b""
    entry = Entry(url=url, canonical_url=canonical, feed_url="", outlet=host_of(url), first_seen_at=world.clock())
    with ExtractionPool(workers=1) as pool:
        (told,) = pool.extract([Page(entry=entry, response=answer)], lambda _: None)
    is_article = isinstance(told, Article)
    trial = Trial(
        url=url,
        target=target,
        is_article=is_article,
        reason="article" if isinstance(told, Article) else told.reason,
        detail="" if isinstance(told, Article) else told.detail,
        status=answer.status,
        transient=False,
        attempts=answer.attempts,
        elapsed_seconds=answer.elapsed_seconds,
        retry_after_seconds=None,
        robots_decision="allowed",
        robots=_robots(asked),
        answer=_answered(answer),
        article=_text(told) if isinstance(told, Article) else None,
        story=_standing(watched, told, world.clock()) if isinstance(told, Article) else None,
    )
    return trial, answer.body


def _answer(web: WebSession, url: str, settings: Settings, world: World) -> Response | Failure:
    seconds = settings.run_deadline_seconds
    done = web.fetch_all([Request(url=url, accept=PAGE_ACCEPT)], lambda _: None, seconds)
    if done:
        return done[0][1]
    late = f"no answer within {seconds:g} s, waits included"
    return Failure(url=url, reason="timeout", detail=late, transient=True, at=world.clock())


def _lead(url: str, response: Response) -> Failure:
    return Failure(
        url=url,
        reason="unresolved",
        detail=f"the page that answered, {response.final_url[:300]}, names no address outside the aggregator",
        transient=False,
        at=response.fetched_at,
        status=response.status,
        elapsed_seconds=response.elapsed_seconds,
        attempts=response.attempts,
    )


def _failed(url: str, target: str | None, failure: Failure, asked: Sequence[Fetch]) -> Trial:
    decisions = {"robots": "forbidden", "robots_unavailable": "unavailable"}
    return Trial(
        url=url,
        target=target,
        is_article=False,
        reason=failure.reason,
        detail=failure.detail,
        status=failure.status,
        transient=failure.transient,
        attempts=failure.attempts,
        elapsed_seconds=failure.elapsed_seconds,
        retry_after_seconds=failure.retry_after_seconds,
        robots_decision=decisions.get(failure.reason, "allowed" if failure.attempts else "not asked"),
        robots=_robots(asked),
    )


def _robots(asked: Sequence[Fetch]) -> tuple[Robots, ...]:
    return tuple(Robots(url=row.url, status=row.status, reason=row.reason, detail=row.detail) for row in asked)


def _answered(response: Response) -> Answered:
    headers = response.headers
    content_type = headers.get("content-type")
    return Answered(
        final_url=response.final_url,
        redirects=response.redirects,
        headers={name: headers[name] for name in TELLING_HEADERS if name in headers},
        content_type=content_type,
        charset=decode(response.body, content_type)[1] if response.body else None,
        codings=tuple(content_codings(headers.get("content-encoding"))),
        wire_bytes=response.wire_bytes,
        decoded_bytes=len(response.body),
    )


def _text(article: Article) -> Text:
    return Text(
        title=article.title,
        outlet=article.outlet,
        language=article.language,
        words=article.word_count,
        authors=article.authors,
        published_at=article.published_at,
        published_precision=article.published_precision,
        published_source=article.published_source,
        canonical_link=article.canonical_link,
    )


def _standing(watched: story.Story, article: Article, now: datetime) -> Standing:
    match: Match = story.score(
        watched, title=article.title, text=article.text, published_at=article.published_at, now=now
    )
    is_taken = match.relevance is not Relevance.OFF
    because = f"by {match.rule}" if is_taken else f"it {OFF_BECAUSE.get(match.rule, match.rule)}"
    return Standing(
        story=watched.name,
        relevance=match.relevance,
        score=match.score,
        rule=match.rule,
        is_taken=is_taken,
        because=because,
    )
