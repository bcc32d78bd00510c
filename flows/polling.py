"""The first half of the pipe: ask the feeds, write down what they show, decide what is worth fetching.

    feeds --poll--> Response --parse--> Entry --record--> ledger (pending, duplicate_url) --gate--> pending, off_story

Each URL is in the ledger before anything is fetched. When a feed is asked is decided in extractors/schedule.py, which
of a document's children in extractors/children.py. Plain functions, no prefect.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from extractors import schedule, story
from extractors.children import MAX_DEPTH as MAX_DEPTH
from extractors.errors import NetworkUnreachable
from extractors.gating import gate_entry
from extractors.http import Result
from extractors.records import (
    Decision,
    Entry,
    Failure,
    FeedState,
    Fetch,
    Outcome,
    Relevance,
)
from extractors.url_parts import authority
from flows.answers import FEED_ACCEPT as FEED_ACCEPT
from flows.answers import Answer, Question, fresh_by_address, further_questions, index_state, read_answer, request_of
from flows.twins import revive_twins
from flows.watch import Watch, WebSession
from warehouse import load, read
from warehouse.connect import Connection, writer

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
# A page that has its article is asked for again at most so often, and after the first time at most once in so long.
MOST_REFETCHES = 3
REFETCH_REST = timedelta(days=1)
# So many hosts that can't be reached at once are the network's fault, even if other feeds were not asked.
MANY_HOSTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What the feeds said: an exchange per request, the state each feed is left in, and every entry in feed order."""

    fetches: tuple[Fetch, ...]
    states: tuple[FeedState, ...]  # of feeds and of sitemaps that an index names; `record` completes them
    entries: tuple[Entry, ...]
    fresh: Mapping[str, int] = field(default_factory=dict)  # address -> entries newer than all it showed before
    resting: int = 0  # feeds that were not asked, as they are not due

    @property
    def failures(self) -> tuple[Fetch, ...]:
        return tuple(fetch for fetch in self.fetches if fetch.reason not in ("ok", "unchanged"))

    @property
    def unreachable(self) -> bool:
        """Whether it is the network that failed, not the feeds: a few dead hosts among feeds that rest are no sign."""
        hosts = {authority(fetch.url) for fetch in self.fetches}
        is_telling = not self.resting or len(hosts) >= MANY_HOSTS
        return bool(self.fetches) and is_telling and all(fetch.reason in UNREACHABLE for fetch in self.fetches)

    @property
    def unchanged(self) -> int:
        return sum(fetch.reason == "unchanged" for fetch in self.fetches)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of the entries: how many URLs were new, how many of these the gate let through."""

    discovered: int
    queued: int


def poll(watch: Watch, web: WebSession, states: Mapping[str, FeedState]) -> Polled:
    """Ask every feed that is due, read what it answers. One feed's fault is its row of `fetch`, never an exception.

    When no server at all could be reached, no feed is blamed for it: `states` is empty then.
    """
    now = watch.world.clock()
    every, least = watch.settings.ask_all_feeds, watch.settings.poll_interval_seconds
    due = [feed for feed in watch.feeds if every or schedule.is_due(states.get(feed.url), now)]
    if len(due) < len(watch.feeds):
        watch.world.progress.say(f"{len(watch.feeds) - len(due)} of {len(watch.feeds)} feeds are not due yet")
    ends = time.monotonic() + watch.settings.run_deadline_seconds
    answers: list[Answer] = []
    seen = {feed.url for feed in watch.feeds}  # what is a feed of its own is nobody's child
    with watch.world.progress.stage("feeds", len(due)) as stage:
        questions = [
            Question(feed=feed, url=feed.url, state=states.get(feed.url, FeedState(feed_url=feed.url))) for feed in due
        ]
        while questions:
            left = ends - time.monotonic()
            if left <= 0:
                break
            requests = [request_of(question, now) for question in questions]
            results = web.fetch_all(requests, lambda result: stage.advance(failed=_failed(result)), left)
            by_url = {request.url: answer for request, answer in results}
            asked = [question for question in questions if question.url in by_url]
            questions = []
            for question in asked:
                answer = read_answer(question, by_url[question.url], least, now)
                answer, further = further_questions(answer, states, seen, every=every, now=now)
                answers.append(answer)
                questions += further
    polled = Polled(
        fetches=tuple(answer.fetch for answer in answers),
        states=tuple(index_state(answer, answers, now) for answer in answers if answer.state is not None),
        entries=tuple(entry for answer in answers if answer.document for entry in answer.document.entries),
        fresh=fresh_by_address(answers, now),
        resting=len(watch.feeds) - len(due),
    )
    return replace(polled, states=()) if polled.unreachable else polled


def require_network(polled: Polled) -> None:
    """Raises NetworkUnreachable when feeds were asked and none of their servers could be reached."""
    if polled.unreachable:
        first = polled.fetches[0]
        raise NetworkUnreachable(f"none of {len(polled.fetches)} feeds could be reached; the first: {first.detail}")


def record(watch: Watch, polled: Polled, run_id: str) -> Recorded:
    """Write the entries, the exchanges and the feeds' states down in one transaction, and gate what is new."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        recorded, new = record_found(con, watch, polled.entries, run_id)
        load.record_fetches(con, _counted(polled.fetches, new), run_id)
        load.save_feed_states(con, _scheduled(watch, polled, new), run_id)
    return recorded


def record_found(
    con: Connection, watch: Watch, entries: Sequence[Entry], run_id: str, *, by_hand: bool = False
) -> tuple[Recorded, list[Entry]]:
    """Write entries into the ledger and gate what is new. Also returns the entries that the ledger did not have.

    `by_hand`: somebody chose these addresses; the gate decides on those that came with a headline alone.
    """
    now = watch.world.clock()
    before, _ = read.ledger_counts(con)
    new = load.record_entries(con, entries, run_id)
    let_in = {
        entry.canonical_url
        for entry in entries
        if (by_hand and not entry.title) or gate_reason(watch.story, entry, now) is None
    }
    rejected = gate(watch.story, [entry for entry in new if entry.canonical_url not in let_in], now)
    again = [*_second_thoughts(con, let_in, now), *_shown_again(con, entries, now)]
    load.record_decisions(con, [*rejected, *again], run_id)
    revive_twins(con, (entry.url for entry in entries if entry.canonical_url in let_in), now, run_id)
    after, _ = read.ledger_counts(con)
    return Recorded(discovered=after - before, queued=len(new) - len(rejected)), new


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


def _shown_again(con: Connection, entries: Sequence[Entry], now: datetime) -> list[Decision]:
    """What has its article and is shown as something else than its page was: it is fetched once more."""
    found = read.shown_again(con, entries, now, most_times=MOST_REFETCHES)
    load.retitle_entries(con, {url: title for url, title, _ in found})
    return [
        Decision(
            url=url,
            outcome=Outcome.PENDING,
            reason="shown_again",
            at=now,
            detail="shown again with another headline" if title else "shown again with a later date",
            next_attempt_at=max(now, last_at + REFETCH_REST) if last_at else None,
        )
        for url, title, last_at in found
    ]


def _failed(result: Result) -> bool:
    return isinstance(result[1], Failure)


def _scheduled(watch: Watch, polled: Polled, new: Iterable[Entry]) -> list[FeedState]:
    """The states with what their polls brought, and when they are asked next."""
    by_feed = Counter(entry.feed_url for entry in new)
    least = watch.settings.poll_interval_seconds
    return [
        state
        if state.failures
        else schedule.with_news(
            state, max(by_feed[state.feed_url], polled.fresh.get(state.feed_url, 0)), least_seconds=least
        )
        for state in polled.states
    ]


def _counted(fetches: Sequence[Fetch], new: Iterable[Entry]) -> list[Fetch]:
    by_feed = Counter(entry.feed_url for entry in new)
    return [fetch if fetch.entries is None else replace(fetch, new_entries=by_feed[fetch.url]) for fetch in fetches]
