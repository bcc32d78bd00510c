"""The first half of the pipe: ask the feeds, write down what they show, decide what is worth fetching.

    feeds --poll--> Response --parse--> Entry --record--> ledger (pending, duplicate_url) --gate--> pending, off_story

Each URL is in the ledger before anything is fetched. Plain functions, no prefect.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import xxhash

from extractors import story
from extractors.errors import NetworkUnreachable, NotAFeed
from extractors.feeds import FeedDocument, parse_feed
from extractors.gating import gate_entry
from extractors.http import Request, Result
from extractors.records import (
    Decision,
    Entry,
    Failure,
    Feed,
    FeedState,
    Fetch,
    FetchKind,
    Outcome,
    Relevance,
    Response,
)
from flows.watch import Watch, WebSession
from warehouse import load, read
from warehouse.connect import Connection, writer

FEED_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
# A failing feed rests twice as long each time, from one schedule's interval up to a day; it never dies.
FIRST_REST = timedelta(minutes=10)
LONGEST_REST = timedelta(days=1)
# Children of one sitemap index that are asked in one run. News indexes list a handful; archives list thousands
# (backfill).
MAX_CHILDREN = 20
MAX_DEPTH = 2  # an index may name indexes; news sites have no deeper ones, and an endless chain must end
# Why an entry or an article is off the story, in words: `rule` of story.gate and story.score.
OFF_BECAUSE = {
    "before_window": "is older than the story",
    "untouched": "was last changed before the story began",
    "nothing_told": "has no title, no headline in its address and no date within the story's",
    "no_combination": "meets no combination of terms that the story asks for",
    "below_threshold": "holds too few of the story's terms",
}
# Reasons that speak of the way to the servers, not of one of them.
UNREACHABLE = frozenset({"dns_error", "connection_error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What the feeds said: an exchange per request, the state each feed is left in, and every entry in feed order."""

    fetches: tuple[Fetch, ...]
    states: tuple[FeedState, ...]
    entries: tuple[Entry, ...]

    @property
    def failures(self) -> tuple[Fetch, ...]:
        return tuple(fetch for fetch in self.fetches if fetch.reason not in ("ok", "unchanged"))

    @property
    def unreachable(self) -> bool:
        """Whether it is the network that failed, not the feeds."""
        return bool(self.fetches) and all(fetch.reason in UNREACHABLE for fetch in self.fetches)

    @property
    def unchanged(self) -> int:
        return sum(fetch.reason == "unchanged" for fetch in self.fetches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of the entries: how many URLs were new, how many of these the gate let through."""

    discovered: int
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request: its row of `fetch`, the state that the feed is left in, and the document if there is
    one.
    """

    fetch: Fetch
    state: FeedState | None = None  # None: not the feed's own address
    document: FeedDocument | None = None


def poll(watch: Watch, web: WebSession, states: Mapping[str, FeedState]) -> Polled:
    """Ask every feed that is due, read what it answers. One feed's fault is its row of `fetch`, never an exception.

    When no server at all could be reached, no feed is blamed for it: `states` is empty then.
    """
    now = watch.world.clock()
    due = [feed for feed in watch.feeds if _is_due(states.get(feed.url), now)]
    if len(due) < len(watch.feeds):
        watch.world.progress.say(f"{len(watch.feeds) - len(due)} feeds failed lately and rest for now")
    ends = time.monotonic() + watch.settings.run_deadline_seconds
    answers: list[Answer] = []
    seen: set[str] = set()
    asked: list[tuple[Feed, str, FeedState | None]]
    with watch.world.progress.stage("feeds", len(due)) as stage:
        asked = [(feed, feed.url, states.get(feed.url, FeedState(feed_url=feed.url))) for feed in due]
        for _ in range(1 + MAX_DEPTH):
            left = ends - time.monotonic()
            if not asked or left <= 0:
                break
            requests = [_request(url, state) for _, url, state in asked]
            results = web.fetch_all(requests, lambda result: stage.advance(failed=_failed(result)), left)
            by_url = {request.url: answer for request, answer in results}
            answered = [
                (feed, _read_answer(feed, url, state, by_url[url], now)) for feed, url, state in asked if url in by_url
            ]
            answers += [answer for _, answer in answered]
            asked = [(feed, url, None) for feed, answer in answered for url in _children(answer.document, seen)]
    polled = Polled(
        fetches=tuple(answer.fetch for answer in answers),
        states=tuple(answer.state for answer in answers if answer.state is not None),
        entries=tuple(entry for answer in answers if answer.document for entry in answer.document.entries),
    )
    return replace(polled, states=()) if polled.unreachable else polled


def require_network(polled: Polled) -> None:
    """Raises NetworkUnreachable when feeds were asked and none of their servers could be reached."""
    if polled.unreachable:
        first = polled.fetches[0]
        raise NetworkUnreachable(f"none of {len(polled.fetches)} feeds could be reached; the first: {first.detail}")


def record(watch: Watch, polled: Polled, run_id: str) -> Recorded:
    """Write the entries, the exchanges and the feeds' states down in one transaction, and gate what is new."""
    now = watch.world.clock()
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        before, _ = read.ledger_counts(con)
        new = load.record_entries(con, polled.entries, run_id)
        let_in = {entry.canonical_url for entry in polled.entries if gate_reason(watch.story, entry, now) is None}
        rejected = gate(watch.story, [entry for entry in new if entry.canonical_url not in let_in], now)
        load.record_decisions(con, [*rejected, *_second_thoughts(con, let_in, now)], run_id)
        load.record_fetches(con, _counted(polled.fetches, new), run_id)
        load.save_feed_states(con, polled.states, run_id)
        after, _ = read.ledger_counts(con)
    return Recorded(discovered=after - before, queued=len(new) - len(rejected))


def gate(watched: story.Story, entries: Iterable[Entry], now: datetime) -> list[Decision]:
    """The entries that need no fetching, with the reason. Pure."""
    rejected = []
    for entry in entries:
        detail = gate_reason(watched, entry, now)
        if detail is not None:
            rejected.append(Decision(url=entry.url, outcome=Outcome.OFF_STORY, reason="gate", at=now, detail=detail))
    return rejected


def gate_reason(watched: story.Story, entry: Entry, now: datetime) -> str | None:
    """Why the entry's page need not be fetched; None: it may be on the story. Pure."""
    match = gate_entry(watched, entry, now)
    if match.relevance is not Relevance.OFF:
        return None
    return f"its feed entry {OFF_BECAUSE.get(match.rule, match.rule)}; score {match.score:.2f}; not fetched"


def _second_thoughts(con: Connection, let_in: set[str], now: datetime) -> list[Decision]:
    """What was turned away by an earlier entry and is shown by one that the gate lets in: it waits to be fetched."""
    return [
        Decision(url=url, outcome=Outcome.PENDING, reason="queued", at=now, detail="shown again with a telling entry")
        for url in read.turned_away(con, sorted(let_in)).values()
    ]


def _is_due(state: FeedState | None, now: datetime) -> bool:
    return state is None or state.next_poll_at is None or state.next_poll_at <= now


def _request(url: str, state: FeedState | None) -> Request:
    return Request(
        url=url,
        etag=state.etag if state else None,
        last_modified=state.last_modified if state else None,
        accept=FEED_ACCEPT,
        obey_robots=False,  # a feed is offered to programs; robots.txt speaks of crawling
    )


def _failed(result: Result) -> bool:
    return isinstance(result[1], Failure)


def _children(document: FeedDocument | None, seen: set[str]) -> list[str]:
    """The sitemaps that an index names and that were not asked yet in this run; `seen` grows by them."""
    named = [child.url for child in document.children[:MAX_CHILDREN]] if document else []
    fresh = [url for url in dict.fromkeys(named) if url not in seen]
    seen.update(fresh)
    return fresh


def _read_answer(feed: Feed, url: str, state: FeedState | None, answer: Response | Failure, now: datetime) -> Answer:
    """What came of asking `url`, the feed's own address or (with state None) a sitemap that its index names. Pure."""
    if isinstance(answer, Failure):
        fetch = Fetch(
            url=url,
            kind=FetchKind.FEED,
            at=answer.at,
            status=answer.status,
            reason=answer.reason,
            detail=answer.detail,
            elapsed_seconds=answer.elapsed_seconds,
        )
        return Answer(fetch=fetch, state=state and _state_after_failure(state, now, answer.retry_after_seconds))
    document, reason, detail = _read_body(feed, state, answer, now)
    fetch = Fetch(
        url=url,
        kind=FetchKind.FEED,
        at=answer.fetched_at,
        status=answer.status,
        reason=reason,
        detail=detail,
        elapsed_seconds=answer.elapsed_seconds,
        wire_bytes=answer.wire_bytes,
        entries=len(document.entries) if document else None,
    )
    if state is None:
        return Answer(fetch=fetch, document=document)
    if reason not in ("ok", "unchanged"):
        return Answer(fetch=fetch, state=_state_after_failure(state, now, None))
    is_index = document is not None and bool(document.children)
    state = _state_after_success(state, answer, now, changed=document is not None, is_index=is_index)
    return Answer(fetch=fetch, state=state, document=document)


def _read_body(
    feed: Feed, state: FeedState | None, response: Response, now: datetime
) -> tuple[FeedDocument | None, str, str]:
    """(document, reason, detail): a document only with reason "ok"."""
    if response.status == 304:
        return None, "unchanged", "304"
    if not response.body.strip():
        return None, "empty", f"status {response.status} without a body: a feed always has one"
    if state and state.body_hash == _body_hash(response):
        return None, "unchanged", "same body"
    try:
        document = parse_feed(response, feed, now=now)
    except NotAFeed as error:
        return None, error.reason, error.detail
    notes = [
        f"{document.skipped} entries skipped" if document.skipped else "",
        f"asked {MAX_CHILDREN} of {len(document.children)} sitemaps" if len(document.children) > MAX_CHILDREN else "",
    ]
    return document, "ok", "; ".join(note for note in notes if note)


def _body_hash(response: Response) -> str:
    return xxhash.xxh3_64_hexdigest(response.body)


def _state_after_success(
    state: FeedState, response: Response, now: datetime, *, changed: bool, is_index: bool
) -> FeedState:
    fresh = response.status != 304
    if is_index:  # it stays the same while the sitemaps that it names change: always ask for the whole of it
        return replace(state, checked_at=now, changed_at=now, failures=0, next_poll_at=None)
    return replace(
        state,
        etag=response.headers.get("etag") if fresh else state.etag,
        last_modified=response.headers.get("last-modified") if fresh else state.last_modified,
        body_hash=_body_hash(response) if fresh else state.body_hash,
        checked_at=now,
        changed_at=now if changed else state.changed_at,
        failures=0,
        next_poll_at=None,
    )


def _state_after_failure(state: FeedState, now: datetime, retry_after_seconds: float | None) -> FeedState:
    rest = min(FIRST_REST * 2 ** min(state.failures, 10), LONGEST_REST)
    if retry_after_seconds is not None:
        rest = min(max(rest, timedelta(seconds=retry_after_seconds)), LONGEST_REST)
    return replace(state, checked_at=now, failures=state.failures + 1, next_poll_at=now + rest)


def _counted(fetches: Sequence[Fetch], new: Iterable[Entry]) -> list[Fetch]:
    by_feed = Counter(entry.feed_url for entry in new)
    return [fetch if fetch.entries is None else replace(fetch, new_entries=by_feed[fetch.url]) for fetch in fetches]
