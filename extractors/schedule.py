"""When a feed is asked next, and whether with validators. Pure: the clock is an argument, and so is all luck.

    next poll = max(interval, Retry-After, the feed's TTL, Cache-Control max-age, Expires), within 5 min to 24 h

The interval follows how often new entries come; a failing feed rests longer each time and never dies. Not here: asking
(flows/polling.py) and which of a document's children are asked (children.py).

    FeedState --is_due, wants_whole--> Request --> answer --after_answer, with_news | after_failure--> FeedState
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType

import xxhash

from extractors.records import FeedState

# Between two polls of a feed, whatever anybody says: politeness, and a day without news unseen.
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=1)
# A clock may be set back so far without anybody calling what it said wrong.
CLOCK_SLACK = timedelta(hours=1)
# What the habit of a feed may stretch its interval to: breaking news comes to quiet feeds too. Four polls a day.
LONGEST_HABIT = timedelta(hours=6)
# After this time the whole body is asked for, without validators: some servers answer 304 for ever. Less than a day, as
# runs come when they come.
WHOLE_AFTER = timedelta(hours=23)

# Memory of the two rates of new entries, in hours: the usual one forgets in days, the recent one sees a burst.
USUAL_HOURS = 96.0
RECENT_HOURS = 3.0
# New entries per hour of a feed of which nothing is known yet: it is asked in every run until it shows its habit.
UNKNOWN_PER_HOUR = 1.0

HARD, SOFT, DNS = 1.0, 0.5, 0.25
# How much a failure weighs: a hard one is an answer that means no, a soft one may pass, and names come back soonest.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "http_gone": HARD,
        "not_a_feed": HARD,
        "forbidden": HARD,
        "http_error": HARD,
        "blocked": HARD,
        "bad_url": HARD,
        "too_many_redirects": HARD,
        "too_large": HARD,
        "timeout": SOFT,
        "server_error": SOFT,
        "rate_limited": SOFT,
        "connection_error": SOFT,
        "tls_error": SOFT,  # an expired certificate is renewed
        "truncated": SOFT,
        "protocol_error": SOFT,
        "decode_error": SOFT,
        "empty": SOFT,
        "dns_error": DNS,
    }
)
JITTER = 0.1  # a rest is up to this much longer or shorter, so that what failed together does not return together


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the document of an answer shows."""

    entries: int
    published: Sequence[datetime]  # of the entries that have a date, in any order
    ttl_seconds: float | None = None  # <ttl>, sy:updatePeriod
    is_index: bool = False  # it names further documents, which change without it


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Whether the feed may be asked at `now`."""
    return state is None or is_over(state.next_poll_at, now)


def is_over(rest_ends_at: datetime | None, now: datetime) -> bool:
    """Whether a rest is over; also one that ends later than any can: a clock that was wrong has set that."""
    return rest_ends_at is None or rest_ends_at <= now or rest_ends_at - LONGEST > now + CLOCK_SLACK


def wants_whole(state: FeedState, now: datetime) -> bool:
    """Whether the feed is to be asked without validators: once a day, and always where they were found false."""
    if state.has_false_validators or state.full_fetch_at is None:
        return True
    return not -CLOCK_SLACK <= now - state.full_fetch_at < WHOLE_AFTER


def interval_seconds(
    entries_per_hour: float,
    *,
    least_seconds: float,
    unit_seconds: float | None = None,
    longest: timedelta = LONGEST_HABIT,
) -> float:
    """Time between two polls of a feed to which so many new entries come.

    It grows with the square root of the time between two entries: of all ways to spend a number of polls on feeds of
    different rates, that one has the least mean delay of an entry. `unit_seconds` (default `least_seconds`) is the
    interval at one entry per hour; the benchmark sets it, and `longest`.
    """
    unit = least_seconds if unit_seconds is None else unit_seconds
    if entries_per_hour <= 0:
        return max(least_seconds, longest.total_seconds())
    wanted = min(unit / math.sqrt(entries_per_hour), longest.total_seconds())
    return max(wanted, least_seconds)


def faded(rate: float, elapsed_hours: float, memory_hours: float) -> float:
    """A rate per hour after so long without a new entry."""
    return rate * math.exp(-max(elapsed_hours, 0.0) / memory_hours)


def first_rate(published: Sequence[datetime], now: datetime, memory_hours: float) -> float:
    """The rate of new entries that the dates of a document tell at first sight; UNKNOWN_PER_HOUR without dates."""
    ages = [max((now - at).total_seconds() / 3600, 0.0) for at in published]
    if not ages:
        return UNKNOWN_PER_HOUR
    # A document holds the last entries only: beyond its oldest one nothing is known.
    seen = 1 - math.exp(-max(max(ages), 1.0) / memory_hours)
    return sum(math.exp(-age / memory_hours) for age in ages) / memory_hours / seen


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the server calls its answer fresh (RFC 9111, 4.2): max-age or else Expires, less its Age; None: unsaid.

    `headers`: names in lower case. no-store and no-cache say nothing about when there is news.
    """
    lifetime = _max_age(headers.get("cache-control", ""))
    if lifetime is None and "expires" in headers:
        expires = _http_date(headers["expires"])
        sent = _http_date(headers.get("date", "")) or now
        lifetime = 0.0 if expires is None else (expires - sent).total_seconds()
    if lifetime is None:
        return None
    return max(lifetime - (_digits(headers.get("age", "")) or 0.0), 0.0)


def after_answer(
    state: FeedState,
    headers: Mapping[str, str],
    *,
    body_hash: str | None,
    shown: Shown | None,
    asked_interval_seconds: float | None,
    least_seconds: float,
    now: datetime,
) -> FeedState:
    """The state after a poll that succeeded; `with_news` completes it.

    `body_hash` None: 304, there was no body. `shown` None: nothing changed. `asked_interval_seconds`: Feed's.
    """
    elapsed_hours = (now - state.answered_at).total_seconds() / 3600 if state.answered_at else 0.0
    state = replace(
        state,
        checked_at=now,
        answered_at=now,
        failures=0,
        backoff=0.0,
        failing_since_at=None,
        usual_entries_per_hour=faded(_known(state.usual_entries_per_hour), elapsed_hours, USUAL_HOURS),
        recent_entries_per_hour=faded(_known(state.recent_entries_per_hour), elapsed_hours, RECENT_HOURS),
    )
    if body_hash is not None:
        state = _with_body(state, headers, body_hash, shown, now)
    if shown is not None:
        state = _with_document(state, shown, now)
    slack = least_seconds / 2  # runs start a little early or late; what is due before the next half run is due
    waits = (state.ttl_seconds, fresh_seconds(headers, now), asked_interval_seconds)
    wait = max((seconds for seconds in waits if seconds is not None), default=0.0)
    return replace(state, not_before_at=now + _clamped(wait - slack) if wait > slack else None)


def with_news(state: FeedState, new_entries: int, *, least_seconds: float) -> FeedState:
    """The state after a poll that succeeded and brought so many entries that were not known: when it is asked next.

    A feed that brings news is asked in the next run. At its first poll every entry is new: its habit is read from the
    dates then.
    """
    assert state.checked_at is not None, "with_news is called after after_answer"
    now = state.checked_at
    brings_news = new_entries > 0 and state.last_new_entry_at is not None
    if state.last_new_entry_at is None and state.entry_count:
        state = replace(state, last_new_entry_at=min(state.newest_published_at or now, now))
    elif brings_news:
        state = replace(
            state,
            last_new_entry_at=now,
            usual_entries_per_hour=_known(state.usual_entries_per_hour) + new_entries / USUAL_HOURS,
            recent_entries_per_hour=_known(state.recent_entries_per_hour) + new_entries / RECENT_HOURS,
        )
    rate = max(_known(state.usual_entries_per_hour), _known(state.recent_entries_per_hour))
    wanted = least_seconds if brings_news else interval_seconds(rate, least_seconds=least_seconds)
    earliest = now + _clamped(wanted - least_seconds / 2)
    return replace(state, interval_seconds=wanted, next_poll_at=max(earliest, state.not_before_at or earliest))


def after_failure(
    state: FeedState,
    reason: str,
    detail: str,
    *,
    retry_after_seconds: float | None,
    least_seconds: float,
    luck: float,
    now: datetime,
) -> FeedState:
    """The state after a poll that failed: what was learnt stays, and the feed rests.

    The rest doubles with each hard failure (every second soft one, every fourth of DNS), up to a day, for ever.
    `luck`: in [0, 1).
    """
    backoff = state.backoff + WEIGHTS.get(reason, HARD)
    rest = least_seconds * 2 ** min(backoff, 16.0) * (1 - JITTER + 2 * JITTER * luck)
    waits = (min(rest, LONGEST.total_seconds()), state.interval_seconds or 0.0, retry_after_seconds or 0.0)
    return replace(
        state,
        checked_at=now,
        failures=state.failures + 1,
        backoff=backoff,
        failing_since_at=state.failing_since_at or now,
        failure_reason=reason,
        failure_detail=detail,
        next_poll_at=now + _clamped(max(waits)),
    )


def luck_of(url: str, failures: int) -> float:
    """A number in [0, 1) that looks like chance and is the same for the same feed and failure: runs can be repeated."""
    return xxhash.xxh3_64_intdigest(f"{failures} {url}".encode()) / 2**64


def _with_body(
    state: FeedState, headers: Mapping[str, str], body_hash: str, shown: Shown | None, now: datetime
) -> FeedState:
    """An index stays the same while what it names changes: its validators and its hash would hide that."""
    is_index = shown is not None and shown.is_index
    validators = (headers.get("etag"), headers.get("last-modified"))
    had = (state.etag, state.last_modified)
    shows_news = shown is not None and fresh_entries(state, shown.published) > 0
    # The same validators for a body with news: a conditional GET would have been told that there is none.
    is_false = validators == had != (None, None) and (state.has_false_validators or shows_news)
    return replace(
        state,
        etag=None if is_index else validators[0],
        last_modified=None if is_index else validators[1],
        has_false_validators=is_false and not is_index,
        body_hash=None if is_index else body_hash,
        full_fetch_at=now,
    )


def fresh_entries(state: FeedState, published: Sequence[datetime]) -> int:
    """How many entries are newer than all that the feed showed before; 0 at its first poll, and without dates."""
    newest = state.newest_published_at
    return 0 if newest is None else sum(at > newest for at in published)


def _with_document(state: FeedState, shown: Shown, now: datetime) -> FeedState:
    if state.changed_at is None:  # at first sight
        state = replace(
            state,
            usual_entries_per_hour=first_rate(shown.published, now, USUAL_HOURS),
            recent_entries_per_hour=first_rate(shown.published, now, RECENT_HOURS),
        )
    newest = max(shown.published, default=None)
    return replace(
        state,
        changed_at=now,
        ttl_seconds=shown.ttl_seconds,
        entry_count=shown.entries,
        newest_published_at=newest if newest is not None or not shown.is_index else state.newest_published_at,
    )


def _known(rate: float | None) -> float:
    return UNKNOWN_PER_HOUR if rate is None else rate


def _clamped(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, SHORTEST.total_seconds()), LONGEST.total_seconds()))


def _max_age(cache_control: str) -> float | None:
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name.strip() == "max-age":
            return _digits(value.strip().strip('"'))
    return None


def _digits(value: str) -> float | None:
    """A whole number of seconds; None for anything else. Absurdly long ones are infinite, and get clamped."""
    value = value.strip()
    if not (value.isascii() and value.isdigit()):
        return None
    return float(value) if len(value) < 12 else math.inf


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
