"""Questions to feeds and what came of them: an answer -> its row of `fetch`, the feed's state, the document's entries.

Pure; polling.py asks. When a feed is asked is decided in extractors/schedule.py, which of a document's children in
extractors/children.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import xxhash

from extractors import schedule
from extractors.children import chosen, has_state
from extractors.errors import BadUrl, NotAFeed
from extractors.feeds import FeedDocument, parse_feed
from extractors.http import Request
from extractors.records import Entry, Failure, Feed, FeedState, Fetch, FetchKind, Response
from extractors.urls import is_same_outlet

FEED_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One address to ask: a feed's own, or a further document that belongs to it."""

    feed: Feed
    url: str
    state: FeedState | None  # None: what it leaves behind is not kept
    depth: int = 0  # generations below the feed's own address


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one question: its row of `fetch`, the state that is left, and the document if there is one."""

    question: Question
    fetch: Fetch
    state: FeedState | None = None  # None: not kept
    document: FeedDocument | None = None


def request_of(question: Question, now: datetime) -> Request:
    """Conditional, but for once a day: a server that answers 304 for ever must not hide news for longer."""
    state = question.state
    conditional = state is not None and not schedule.wants_whole(state, now)
    return Request(
        url=question.url,
        etag=state.etag if state and conditional else None,
        last_modified=state.last_modified if state and conditional else None,
        accept=FEED_ACCEPT,
        obey_robots=is_foreign(question.url, question.feed.url, question.feed.outlet),
    )


def is_foreign(url: str, feed_url: str, outlet: str | None = None) -> bool:
    """Whether a document that belongs to a feed is at somebody else's. A feed is offered to programs, while robots.txt
    speaks of crawling; but an outlet can't offer what is another's. `outlet`: host, where it is not the feed's.
    """
    try:
        is_own = is_same_outlet(url, feed_url)
        return not (is_own or (outlet is not None and is_same_outlet(url, f"https://{outlet}/")))
    except BadUrl:
        return True


def further_questions(
    answer: Answer, states: Mapping[str, FeedState], seen: set[str], *, every: bool, now: datetime
) -> tuple[Answer, list[Question]]:
    """The further questions that an answer leads to; `seen` grows by them, and its row says what was left out."""
    document, parent = answer.document, answer.question
    if document is None or not document.children:
        return answer, []
    ours = chosen(document, states, seen, depth=parent.depth, every=every, now=now)
    seen.update(child.url for child in ours.children)
    further = [
        Question(
            feed=parent.feed,
            url=child.url,
            state=states.get(child.url, FeedState(feed_url=child.url)) if has_state(document.kind) else None,
            depth=parent.depth + 1,
        )
        for child in ours.children
    ]
    detail = "; ".join(part for part in (answer.fetch.detail, ours.note) if part)
    return replace(answer, fetch=replace(answer.fetch, detail=detail)), further


def index_state(answer: Answer, answers: Sequence[Answer], now: datetime) -> FeedState:
    """The state of a feed that is an index speaks of what its sitemaps show, where any was read."""
    state = answer.state
    assert state is not None
    if answer.question.depth or answer.document is None or not answer.document.children:
        return state
    below = [a.document for a in answers if a.question.feed == answer.question.feed and a.document is not None]
    entries = [entry for document in below for entry in document.entries]
    if not entries:
        return replace(state, entry_count=answer.question.state.entry_count if answer.question.state else None)
    dates = _dates(entries, now) + ([state.newest_published_at] if state.newest_published_at else [])
    return replace(state, entry_count=len(entries), newest_published_at=max(dates, default=None))


def _dates(entries: Iterable[Entry], now: datetime) -> list[datetime]:
    """Dates of publication that are not ahead of us: one that is would hide all that comes after it."""
    return [entry.published_at for entry in entries if entry.published_at and entry.published_at <= now]


def fresh_by_address(answers: Sequence[Answer], now: datetime) -> dict[str, int]:
    """Address -> entries that its document shows and that are newer than all that it showed before.

    A sitemap below an index counts as bringing news whenever it changed: many have no dates.
    """
    found: dict[str, int] = {}
    for answer in answers:
        before, document = answer.question.state, answer.document
        if before is not None and document is not None and before.changed_at is not None:
            dates = _dates(document.entries, now)
            found[before.feed_url] = schedule.fresh_entries(before, dates) or int(answer.question.depth > 0)
    return found


def read_answer(question: Question, answer: Response | Failure, least_seconds: float, now: datetime) -> Answer:
    """What came of a question. Pure."""
    if isinstance(answer, Failure):
        fetch = Fetch(
            url=question.url,
            kind=FetchKind.FEED,
            at=answer.at,
            status=answer.status,
            reason=answer.reason,
            detail=answer.detail,
            elapsed_seconds=answer.elapsed_seconds,
        )
        state = _state_after_failure(question.state, fetch, answer.retry_after_seconds, least_seconds, now)
        return Answer(question=question, fetch=fetch, state=state)
    document, reason, detail = _read_body(question.feed, question.state, answer, now)
    fetch = Fetch(
        url=question.url,
        kind=FetchKind.FEED,
        at=answer.fetched_at,
        status=answer.status,
        reason=reason,
        detail=detail,
        elapsed_seconds=answer.elapsed_seconds,
        wire_bytes=answer.wire_bytes,
        entries=len(document.entries) if document else None,
    )
    if reason not in ("ok", "unchanged"):
        state = _state_after_failure(question.state, fetch, None, least_seconds, now)
        return Answer(question=question, fetch=fetch, state=state)
    state = question.state and schedule.after_answer(
        question.state,
        answer.headers,
        body_hash=None if answer.status == 304 else _body_hash(answer),
        shown=_shown(document, now) if document else None,
        asked_interval_seconds=question.feed.interval_seconds,
        least_seconds=least_seconds,
        now=now,
    )
    return Answer(question=question, fetch=fetch, state=state, document=document)


def _shown(document: FeedDocument, now: datetime) -> schedule.Shown:
    return schedule.Shown(
        entries=len(document.entries),
        published=_dates(document.entries, now),
        ttl_seconds=document.ttl_seconds,
        is_index=bool(document.children),
    )


def _read_body(
    feed: Feed, state: FeedState | None, response: Response, now: datetime
) -> tuple[FeedDocument | None, str, str]:
    """(document, reason, detail): a document only with reason "ok"."""
    if response.status == 304:
        return None, "unchanged", "304"
    if not response.body.strip():
        return None, "empty", f"status {response.status} without a body: a feed always has one"
    if state and state.entry_count is not None and state.body_hash == _body_hash(response):
        return None, "unchanged", "same body"
    try:
        document = parse_feed(response, feed, now=now)
    except NotAFeed as error:
        return None, error.reason, error.detail
    return document, "ok", f"{document.skipped} entries skipped" if document.skipped else ""


def _body_hash(response: Response) -> str:
    return xxhash.xxh3_64_hexdigest(response.body)


def _state_after_failure(
    state: FeedState | None, failed: Fetch, retry_after_seconds: float | None, least_seconds: float, now: datetime
) -> FeedState | None:
    return state and schedule.after_failure(
        state,
        failed.reason,
        failed.detail,
        retry_after_seconds=retry_after_seconds,
        least_seconds=least_seconds,
        luck=schedule.luck_of(state.feed_url, state.failures),
        now=now,
    )
