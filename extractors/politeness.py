"""How often, how soon and how long a server is asked. Decisions, and the queue that makes requests wait for their turn.

Not the asking itself (`http.py`). What is decided here is pure but for Turns, which sleeps; its clock is the event
loop's. A host's requests stand in line: one in flight, a delay between the end of one and the start of the next. Only
what is in flight holds one of the global slots, so that a slow host never keeps the others waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from extractors.errors import (
    DnsError,
    FetchError,
    HttpError,
    HttpForbidden,
    HttpGone,
    RateLimited,
    RobotsUnavailable,
    ServerError,
    TransientFetchError,
)

# Seconds between two requests to a host that says so elsewhere than in its robots.txt.
LEAST_DELAYS: Mapping[str, float] = MappingProxyType(
    {"api.gdeltproject.org": 5.0}  # the text of its own 429: one request every 5 seconds
)

# What an error tells of Retry-After, for the schedule of feeds and the ledger: a day, however long a server says.
LONGEST_RETRY_AFTER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """What a fetcher may do. Durations in seconds, sizes in bytes."""

    user_agent: str  # with a contact; its first word is what robots.txt is searched for
    total_deadline_seconds: float = 30.0  # one attempt: look-up, connection, all redirects, the body; waiting apart
    max_body_bytes: int = 15 * 2**20  # of the wire and of the decoded body, each
    max_redirects: int = 10
    max_attempts: int = 3  # for errors that may pass
    host_delay_seconds: float = 2.0  # between the end of one request to a host and the start of the next
    least_delays: Mapping[str, float] = field(default_factory=lambda: LEAST_DELAYS)  # host -> seconds, where more
    crawl_delay_cap_seconds: float = 300.0  # the longest delay between requests that a server can bring about
    concurrency: int = 32  # requests in flight, over all hosts
    retry_base_seconds: float = 1.0  # before the first retry; doubled for each further one
    retry_after_cap_seconds: float = 300.0  # the longest that Retry-After can make a host rest within one run
    max_wait_seconds: float = 30.0  # the longest wait within a run; what must wait longer fails, and the ledger waits
    host_failures_before_rest: int = 5  # fetches of a host in a row that came to nothing: it is left alone for a while
    robots_retry_seconds: float = (
        600.0  # how long an unavailable robots.txt forbids its origin before it is asked again
    )
    robots_lifetime_seconds: float = 86400.0  # RFC 9309, 2.4: no longer than 24 hours


def retry_after_seconds(value: str | None, *, now: datetime, cap_seconds: float) -> float | None:
    """A Retry-After header (RFC 9110, 10.2.3) as a wait in [0, cap_seconds]; None: absent or neither form of it."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return cap_seconds if len(text) > 9 else min(float(text), cap_seconds)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), cap_seconds)


def error_of_status(
    url: str, status: int, headers: Mapping[str, str], *, conditional: bool, now: datetime, policy: FetchPolicy
) -> FetchError | None:
    """What a final status means: None for 2xx, and for 304 where a validator was sent."""
    if 200 <= status < 300 or (status == 304 and conditional):
        return None
    wait = retry_after_seconds(headers.get("retry-after"), now=now, cap_seconds=LONGEST_RETRY_AFTER_SECONDS)
    kind: type[FetchError] = HttpError
    if status in (404, 410):
        kind = HttpGone
    elif status in (401, 402, 403, 451):
        kind = HttpForbidden
    elif status == 429:
        kind = RateLimited
    elif 500 <= status < 600:
        kind = ServerError
    return kind(url, f"status {status}", status=status, retry_after_seconds=wait)


def wait_before_retry(policy: FetchPolicy, error: FetchError, *, attempts: int, jitter: float) -> float | None:
    """Seconds until the next attempt, None for none: it can't pass, attempts are used up, or the wait is too long.

    `attempts`: made so far. `jitter` in [0, 1): spreads the wait over [1/2, 1) of its exponential value, so that what
    failed together does not return together. Retry-After sets the least wait.
    """
    if not error.transient or isinstance(error, RobotsUnavailable) or attempts >= policy.max_attempts:
        return None
    backoff = policy.retry_base_seconds * 2 ** max(attempts - 1, 0) * (0.5 + jitter / 2)
    wait = max(backoff, min(error.retry_after_seconds or 0.0, policy.retry_after_cap_seconds))
    return wait if wait <= policy.max_wait_seconds else None


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock
    delay_seconds: float
    ready_at: float = 0.0  # loop time
    queued: int = 0
    failures: int = 0  # fetches in a row that came to nothing
    last_error: type[TransientFetchError] = RateLimited  # why it rests


class Turns:
    """Who may ask when. For one event loop; made inside it."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._hosts: dict[str, _Host] = {}
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._clock = asyncio.get_running_loop().time

    @asynccontextmanager
    async def turn(self, host: str, url: str) -> AsyncIterator[None]:
        """Wait until `host` may be asked for `url`, and hold its line meanwhile.

        Raises the class of error that made the host rest, if its rest is longer than a run waits.
        """
        line = self._line(host)
        self._refuse_if_resting(line, host, url)
        line.queued += 1
        try:
            await line.lock.acquire()
        finally:
            line.queued -= 1
        try:
            if not line.queued:
                await asyncio.sleep(0)  # whoever starts together is in line before the first one asks: see has_queue
            self._refuse_if_resting(line, host, url)
            while (wait := line.ready_at - self._clock()) > 0:  # noqa: ASYNC110  # a rest may grow meanwhile
                await asyncio.sleep(wait)
            async with self._slots:
                try:
                    yield
                finally:
                    line.ready_at = max(line.ready_at, self._clock() + line.delay_seconds)
        finally:
            line.lock.release()

    def has_queue(self, host: str) -> bool:
        """True if further requests wait for this host: its connection is worth keeping."""
        return self._line(host).queued > 0

    def note_status(self, host: str, error: FetchError | None) -> None:
        """An answer came; `error` is what its status means. A 429 doubles the delay, Retry-After holds for all."""
        line = self._line(host)
        if not isinstance(error, ServerError):
            line.failures = 0
        if isinstance(error, RateLimited):
            line.delay_seconds = min(line.delay_seconds * 2, self._policy.crawl_delay_cap_seconds)
        if isinstance(error, RateLimited | ServerError) and error.retry_after_seconds:
            self._rest(line, min(error.retry_after_seconds, self._policy.retry_after_cap_seconds), type(error))

    def note_failure(self, host: str, error: TransientFetchError) -> None:
        """A fetch from this host came to nothing, with all its attempts. A name that nobody knows rests at once: it is
        known no better for the host's other pages.
        """
        line = self._line(host)
        line.failures += 1
        if isinstance(error, DnsError) or line.failures >= self._policy.host_failures_before_rest:
            self._rest(line, self._policy.retry_after_cap_seconds, type(error))

    def slow_down(self, host: str, delay_seconds: float) -> None:
        """Keep at least this delay from now on (crawl-delay; the caller has clamped it).

        After robots.txt itself no longer than a run waits: else a long delay would let no run have even one page.
        """
        line = self._line(host)
        growth = max(delay_seconds - line.delay_seconds, 0.0)
        line.delay_seconds += growth
        if line.ready_at:  # counted from the end of the last request, with the old delay
            latest = max(line.ready_at, self._clock() + self._longest_wait(host))
            line.ready_at = min(line.ready_at + growth, latest)

    def _line(self, host: str) -> _Host:
        if host not in self._hosts:
            delay = max(self._policy.host_delay_seconds, self._policy.least_delays.get(host, 0.0))
            self._hosts[host] = _Host(asyncio.Lock(), delay)
        return self._hosts[host]

    def _rest(self, line: _Host, seconds: float, reason: type[TransientFetchError]) -> None:
        line.ready_at = max(line.ready_at, self._clock() + seconds)
        line.last_error = reason

    def _longest_wait(self, host: str) -> float:
        """Seconds within a run. Our own delays are always waited for; a server's may be minutes, and would hold up all
        others.
        """
        policy = self._policy
        return max(policy.max_wait_seconds, policy.host_delay_seconds, policy.least_delays.get(host, 0.0))

    def _refuse_if_resting(self, line: _Host, host: str, url: str) -> None:
        wait = line.ready_at - self._clock()
        if wait > self._longest_wait(host):
            raise line.last_error(url, f"not asked: {host} rests for {wait:.0f} s", retry_after_seconds=wait)
