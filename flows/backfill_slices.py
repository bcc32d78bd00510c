"""The first half of a backfill: ask slice after slice, write down what each shows, until none is left.

    plan --> backfill_slice (pending) --ask--> Response --take_in, one transaction--> ledger, gate, state of the slice,
                                                                                      slices that the answer names

What is found or empty is not asked again by the same call, unless its days were not over and settled when it was; what
was blocked or failed is. An answer is in the spool until its transaction is committed, so that a killed backfill asks
nobody twice. Plain functions, no prefect.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from extractors.address_dates import Span, day_in_address, span_in_address
from extractors.errors import BadUrl, NetworkUnreachable, NotAFeed, WarehouseBusy
from extractors.feed_items import FeedChild, FeedDocument
from extractors.feed_links import listed_sitemaps
from extractors.feeds import parse_feed
from extractors.http import Request, Result
from extractors.records import Entry, Failure, Feed, FeedKind, Fetch, FetchKind, Response, Slice, SliceState
from extractors.urls import host_of
from flows.answers import FEED_ACCEPT, is_foreign
from flows.backfill_plan import ROBOTS, belongs, children_of, widened
from flows.polling import UNREACHABLE, record_found
from flows.progress import Stage
from flows.spool import Spool
from flows.watch import Watch, WebSession
from warehouse import load, lock, read
from warehouse.connect import writer

# Slices that are asked before what they show is written down: bounds memory, as a sitemap may have 15 MB.
ROUND = 32
# Entries that are written down in one transaction, unless a single slice has more.
ENTRIES_PER_COMMIT = 5_000
# Google News shows no more of a search; a day that has as many may have had more.
FULL_SEARCH = 100
LONGEST_ROUND_SECONDS = 86_400.0
DONE = frozenset({SliceState.FOUND, SliceState.EMPTY})
# Archives and searches lag: what was asked before this time after the end of its days may show more later.
SETTLED_AFTER = timedelta(days=2)
# What is done but not settled rests so long: a call that was stopped goes on where it was, and is not begun anew.
UNSETTLED_REST = timedelta(hours=6)
# Reasons that speak of a server that does not want us, rather than of a fault.
REFUSALS = frozenset({"forbidden", "rate_limited", "robots", "robots_unavailable", "blocked"})
_WAYS = re.compile(r"^an HTML page")  # NotAFeed: a page for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of one slice: its new row, its row of `fetch`, what it shows and which slices it names."""

    slice: Slice
    fetch: Fetch
    entries: tuple[Entry, ...] = ()
    children: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a backfill asks of the web: where it begins, and the time that is wanted."""

    roots: tuple[Slice, ...]
    window: Span
    again: bool = False  # also what is done already

    @property
    def names(self) -> dict[str, set[str]]:
        """Source -> names of its roots."""
        named: defaultdict[str, set[str]] = defaultdict(set)
        for one in self.roots:
            named[one.source].add(one.slice)
        return dict(named)


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far a call has got."""

    asked: set[tuple[str, str]]
    resting: set[str]  # hosts that want to be left alone for longer than a run waits
    discovered: int = 0
    queued: int = 0
    fetched: int = 0


def walk(watch: Watch, web: WebSession, search: Search, run_id: str, ends: float) -> tuple[int, int]:
    """Ask all slices of a search that are open, and those that their answers name, until none is left or `ends` of
    time.monotonic. Returns how many URLs were new and how many of these wait to be fetched.

    One backfill at a time does this, so that no slice is asked by two and no host by two at once. Raises WarehouseBusy
    when another one is at it, NetworkUnreachable when none of the first servers could be reached.
    """
    with _alone(watch):
        return _walk(watch, web, search, run_id, ends)


@contextmanager
def _alone(watch: Watch) -> Iterator[None]:
    path = watch.data_dir.slices_lock_path
    with ExitStack() as held:
        try:
            held.enter_context(lock.exclusive(path, wait_seconds=0))
        except WarehouseBusy as busy:
            if busy.path != path:
                raise
            who = f" (PID {busy.pid})" if busy.pid else ""
            problem = f"another backfill{who} is asking sitemaps and searches; wait until it is done, or end it"
            raise WarehouseBusy(path, problem, busy.pid) from None
        yield


def _walk(watch: Watch, web: WebSession, search: Search, run_id: str, ends: float) -> tuple[int, int]:
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.plan_slices(con, search.roots, run_id)
    done = _Progress(asked=set(), resting=set())
    kept = Spool(watch.data_dir.private / "slices", run_id, watch.world.clock())
    with kept as spool, watch.world.progress.stage("slices", None) as stage:
        while open_slices := _open_slices(watch, search, done):
            seconds_left = ends - time.monotonic()
            if seconds_left <= 0:
                watch.world.progress.say("out of time: the slices that are left wait for the same call again")
                break
            _ask_round(watch, web, open_slices[:ROUND], done, spool, stage, run_id, seconds_left)
    return done.discovered, done.queued


def open_slices(known: Sequence[Slice], search: Search, now: datetime) -> list[Slice]:
    """The slices that a call has to ask, in turn of their hosts; what has a date before what has none. Pure."""
    names = search.names
    mine = [one for one in known if belongs(one, search.window, names)]
    if not search.again:
        mine = [one for one in mine if not is_done(one, now)]
    by_host: defaultdict[str, list[Slice]] = defaultdict(list)
    for one in sorted(mine, key=_is_undated):  # stable: by time within
        by_host[host_asked(one)].append(one)
    return [one for rank in zip_longest(*by_host.values()) for one in rank if one is not None]


def is_done(one: Slice, now: datetime) -> bool:
    """Whether a slice of the web need not be asked by the same call: it is found or empty, and was asked when its days
    were over and settled, or has been asked just now.
    """
    if one.state not in DONE:
        return False
    if one.asked_at is None or one.until_at is None or one.asked_at - SETTLED_AFTER >= one.until_at:
        return True
    return abs(now - one.asked_at) < UNSETTLED_REST


def host_asked(one: Slice) -> str:
    """The host of a slice; empty where its address is none, as an old warehouse may have it."""
    try:
        return host_of(one.url or "")
    except BadUrl:
        return ""


def _is_undated(one: Slice) -> bool:
    return one.depth > 0 and span_in_address(one.url or "") is None and not one.slice.startswith("search ")


def _open_slices(watch: Watch, search: Search, done: _Progress) -> list[Slice]:
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        known = read.slices(con)
    return [
        one
        for one in open_slices(known, search, watch.world.clock())
        if (one.source, one.slice) not in done.asked and host_asked(one) not in done.resting
    ]


def _ask_round(
    watch: Watch,
    web: WebSession,
    slices: Sequence[Slice],
    done: _Progress,
    spool: Spool,
    stage: Stage,
    run_id: str,
    seconds_left: float,
) -> None:
    results = _answers(web, slices, spool, stage, min(seconds_left, LONGEST_ROUND_SECONDS))
    if not done.fetched and results and all(_reason(answer) in UNREACHABLE for _, answer in results.values()):
        first = next(iter(results.values()))[1]
        assert isinstance(first, Failure)
        raise NetworkUnreachable(f"none of {len(results)} servers could be reached; the first: {first.detail}")
    done.fetched += len(results)
    feeds = {feed.url: feed for feed in watch.feeds}
    waiting: list[Asked] = []
    for one in slices:
        answer = results[one.url or ""][1] if one.url in results else None
        if answer is None or _was_not_asked(answer):
            done.resting |= {host_asked(one)} if answer is not None else set()
            continue
        done.asked.add((one.source, one.slice))
        waiting.append(read_slice(one, answer, feeds, watch.world.clock()))
        if sum(len(asked.entries) for asked in waiting) >= ENTRIES_PER_COMMIT:
            take_in(watch, waiting, done, run_id)
            waiting = []
    take_in(watch, waiting, done, run_id)
    spool.clear([one.url for one in slices if one.url])


def _answers(
    web: WebSession, slices: Sequence[Slice], spool: Spool, stage: Stage, seconds_left: float
) -> dict[str, Result]:
    urls = dict.fromkeys(one.url for one in slices if one.url)
    answered = {url: spool.answers[url] for url in urls if url in spool.answers}
    foreign = {one.url for one in slices if one.url and one.depth and is_foreign(one.url, one.feed_url)}
    requests = [Request(url=url, accept=FEED_ACCEPT, obey_robots=url in foreign) for url in urls if url not in answered]

    def on_result(result: Result) -> None:
        spool.put(result)
        stage.advance(failed=isinstance(result[1], Failure))

    return answered | {result[0].url: result for result in web.fetch_all(requests, on_result, seconds_left)}


def _reason(answer: Response | Failure) -> str:
    return answer.reason if isinstance(answer, Failure) else "ok"


def _was_not_asked(answer: Response | Failure) -> bool:
    """Its host rests after other answers: that is no answer of this slice's."""
    return isinstance(answer, Failure) and answer.transient and answer.attempts == 0


def take_in(watch: Watch, asked: Sequence[Asked], done: _Progress, run_id: str) -> None:
    """Write slices down with all that they show, in one transaction."""
    if not asked:
        return
    entries = list({entry.url: entry for one in reversed(asked) for entry in reversed(one.entries)}.values())[::-1]
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        recorded, new = record_found(con, watch, entries, run_id)
        fresh = {entry.url for entry in new}
        rows, fetches = [], []
        for one in asked:
            mine = fresh & {entry.url for entry in one.entries}
            fresh -= mine
            rows.append(replace(one.slice, new_entries=len(mine)))
            fetches.append(replace(one.fetch, new_entries=len(mine)))
        load.plan_slices(con, [child for one in asked for child in one.children], run_id)
        load.record_slices(con, rows, run_id)
        load.record_fetches(con, fetches, run_id)
    done.discovered += recorded.discovered
    done.queued += recorded.queued


# -- what an answer means -------------------------------------------------------------------------------------------


def read_slice(one: Slice, answer: Response | Failure, feeds: Mapping[str, Feed], now: datetime) -> Asked:
    """What came of asking a slice. Pure."""
    at = answer.fetched_at if isinstance(answer, Response) else answer.at
    if isinstance(answer, Failure):
        document, reason, detail = None, answer.reason, answer.detail
    else:
        document, reason, detail = _document(one, answer, feeds, now)
    entries = tuple(within(document.entries, Span(since=one.since_at, until=one.until_at))) if document else ()
    chosen = children_of(one, document.children) if document else None
    shown = len(entries) + (len(chosen.slices) if chosen else 0)
    state = SliceState.FOUND if shown else SliceState.EMPTY
    if reason == "http_gone" and (one.url or "").endswith(ROBOTS):
        detail = "there is none"
    elif document is None:
        is_page = one.slice.startswith("search ") and _WAYS.match(detail)
        state = SliceState.BLOCKED if reason in REFUSALS or is_page else SliceState.ERROR
        detail = f"{reason}: {detail}"
    else:
        detail = _notes(one, document, len(entries), chosen.left_out if chosen else 0)
    fetch = Fetch(
        url=one.url or "",
        kind=FetchKind.FEED,
        at=at,
        status=answer.status,
        reason=reason,
        detail=detail if document is None or document.skipped else "",
        elapsed_seconds=answer.elapsed_seconds,
        wire_bytes=answer.wire_bytes if isinstance(answer, Response) else 0,
        entries=len(document.entries) if document else None,
    )
    row = replace(one, state=state, entries=shown, new_entries=0, detail=detail, attempts=1, asked_at=at)
    return Asked(slice=row, fetch=fetch, entries=entries, children=chosen.slices if chosen else ())


def _document(
    one: Slice, response: Response, feeds: Mapping[str, Feed], now: datetime
) -> tuple[FeedDocument | None, str, str]:
    """(document, reason, detail): a document only with reason "ok"."""
    url = one.url or ""
    if url.endswith(ROBOTS):
        return _named_in_robots(response.body, url), "ok", ""
    if not response.body.strip():
        return None, "empty", f"status {response.status} without a body"
    try:
        return parse_feed(response, feeds.get(one.feed_url, Feed(url=one.feed_url, name=one.source)), now=now), "ok", ""
    except NotAFeed as error:
        return None, error.reason, error.detail


def _named_in_robots(robots: bytes, url: str) -> FeedDocument:
    """The sitemaps that a robots.txt names; lines that name no web address are counted as skipped."""
    addresses, skipped = listed_sitemaps(robots, url)
    children = tuple(FeedChild(url=address) for address in addresses)
    return FeedDocument(kind=FeedKind.SITEMAP, title="", entries=(), children=children, skipped=skipped)


def within(entries: Sequence[Entry], window: Span) -> Iterator[Entry]:
    """The entries whose own date, as the feed says it or as a day in their address, is in the window, and those that
    have none but were not left untouched since before it. Pure.
    """
    for entry in entries:
        day = widened(day_in_address(entry.url))
        if entry.published_at is not None:
            is_within = window.holds(entry.published_at)
        elif day is not None:
            is_within = day.overlaps(window)
        else:
            is_within = not (entry.modified_at and window.since and entry.modified_at < window.since)
        if is_within:
            yield entry


def _notes(one: Slice, document: FeedDocument, entries: int, left_out: int) -> str:
    outside = len(document.entries) - entries
    is_full = one.slice.startswith("search ") and not document.children and len(document.entries) >= FULL_SEARCH
    notes = [
        f"{outside} entries of another time" if outside else "",
        f"{document.skipped} entries skipped" if document.skipped else "",
        f"{len(document.children)} documents named, {left_out} of these not asked" if document.children else "",
        f"{len(document.entries)} shown, there may be more" if is_full else "",
    ]
    return "; ".join(note for note in notes if note)


def counted(watch: Watch, keys: set[tuple[str, str]] | None, search: Search | None) -> dict[str, int]:
    """State -> slices of a call, as they stand now. `keys`: of files; `search`: of the web."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        known = read.slices(con)
    names = search.names if search else {}
    window = search.window if search else Span()
    mine = (one for one in known if (one.source, one.slice) in (keys or ()) or belongs(one, window, names))
    return dict(Counter(one.state.value for one in mine))
