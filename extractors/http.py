"""Fetching: the only door to the web. One URL in, one complete Response or one FetchError out.

    get = retries( [turn of the host, robots.txt, request, redirect]* , body decoded within its bounds )

Not what is fetched nor when (flows), nor what an answer means (feeds, articles). The decisions are taken in pure
modules: `targets` (what is asked), `addresses` (what may be connected to), `robots`, `politeness` (when, how often),
`decoding` (bodies), `faults` (errors); here they are put to effect, by aiohttp.

Each attempt has one total deadline for look-up, connection, all redirects and the body; waiting for a host's turn is
not counted. TLS is always verified. No cookies, no proxies, no environment.
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, TypeVar
from weakref import WeakSet

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.http_exceptions import HttpProcessingError

from extractors.addresses import is_public
from extractors.decoding import BodyDecoder, content_codings
from extractors.errors import (
    Blocked,
    ConnectionFailed,
    DnsError,
    FetchError,
    HttpError,
    HttpForbidden,
    HttpGone,
    ProtocolError,
    RateLimited,
    RobotsForbidden,
    RobotsUnavailable,
    Timeout,
    TlsError,
    TooLarge,
    TooManyRedirects,
    TransientFetchError,
)
from extractors.faults import EXCHANGE_ERRORS, error_of_exchange
from extractors.politeness import FetchPolicy, Turns, error_of_status, wait_before_retry
from extractors.records import Failure, Fetch, FetchKind, Response
from extractors.robots import MAX_ROBOTS_BYTES, RobotsRules, parse_robots
from extractors.targets import Target, redirect_target, request_url, target_of

__all__ = ["FetchPolicy", "Fetcher", "PinnedResolver", "Request", "Result", "failure_of", "fetch_all"]

ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ROBOTS_REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MAX_HEADER_BYTES = 64 * 1024  # of one field; policies of 10 KB are common, aiohttp's 8190 refuses them
_MAX_HEADERS = 512  # fields; honest answers have some 30
_CLOSING_SECONDS = 0.5  # at the end, for TLS connections to say good-bye: aiohttp leaves them to the event loop
_IDLE_SECONDS = 3.0  # a connection is kept this much longer than a host's delay

_T = TypeVar("_T")
_sockets: ContextVar[_Sockets] = ContextVar("_sockets")  # of the exchange that is under way


class PinnedResolver(Protocol):
    """A resolver of aiohttp's kind, with addresses that the guard lets pass beside the public ones: (ip, port)."""

    allowed: frozenset[tuple[str, int]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One URL to get."""

    url: str
    etag: str | None = None  # validators of the answer that we have, verbatim
    last_modified: str | None = None
    accept: str = ACCEPT_PAGE
    obey_robots: bool = True


Result = tuple[Request, Response | Failure]


@dataclass(slots=True)
class _Trip:
    """What one fetch has cost so far. `left_seconds` is what remains of the attempt's deadline."""

    attempts: int = 0  # requests, redirects not counted
    network_seconds: float = 0.0
    left_seconds: float = 0.0
    host: str = ""  # the one that is being asked; empty while none is
    wire_bytes: int = 0
    status: int | None = None  # the last one that was answered
    is_reused: bool = False  # the last request went over a connection that had served before it


@dataclass(slots=True)
class _Sockets:
    """What the guard was asked for in one exchange."""

    opened: int = 0  # 0: the request went over a connection that had served before
    refused: list[str] = field(default_factory=list)  # addresses


@dataclass(frozen=True, slots=True)
class _Answer:
    target: Target
    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int
    hops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Robots:
    """What is known of an origin: its rules, or why it can't be asked for now."""

    until: float  # loop time
    rules: RobotsRules | None = None
    error: FetchError | None = None


@dataclass(frozen=True, slots=True)
class _Manner:
    """How pages and robots.txt differ as they are fetched."""

    max_redirects: int
    max_body_bytes: int
    prefix_only: bool
    obey_robots: bool
    conditional: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Fetcher:
    """An async context manager that fetches; for one event loop.

    `resolver`: instead of the system's look-ups. `ssl_context`: to trust a further CA; it must verify. `clock`: aware
    UTC, for Response.fetched_at and dates in Retry-After.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        resolver: PinnedResolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.robots_fetches: list[Fetch] = []  # one row per robots.txt asked for, in the order of the answers
        self._policy, self._resolver, self._ssl_context, self._clock = policy, resolver, ssl_context, clock
        self._allowed = resolver.allowed if resolver is not None else frozenset[tuple[str, int]]()
        self._robots: dict[str, _Robots] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}
        self._sockets: WeakSet[socket.socket] = WeakSet()

    async def __aenter__(self) -> Fetcher:
        self._turns = Turns(self._policy)
        self._now = asyncio.get_running_loop().time
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,  # type: ignore[arg-type]  # a Protocol here, so that a caller needs no aiohttp
            ssl=self._ssl_context or True,
            limit=0,  # Turns counts what is in flight, outside the deadline
            keepalive_timeout=self._policy.host_delay_seconds + _IDLE_SECONDS,
            socket_factory=self._guarded_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
            headers={"User-Agent": self._policy.user_agent, "Accept-Encoding": _ACCEPT_ENCODING},
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
        )
        self._session._retry_connection = False  # aiohttp would ask again at once on any connection; see _ask
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await asyncio.sleep(0)  # plain connections are closed by the loop's next round
        end = self._now() + _CLOSING_SECONDS
        while any(own.fileno() != -1 for own in self._sockets) and self._now() < end:  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.01)

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = ACCEPT_PAGE,
        obey_robots: bool = True,
    ) -> Response:
        """The complete answer to a GET: status 2xx, or 304 if a validator was given.

        Anything else raises a FetchError, its `url` the one that was asked. Errors that may pass are retried within
        `policy.max_attempts` and `policy.max_wait_seconds`.
        """
        request = Request(url=url, etag=etag, last_modified=last_modified, accept=accept, obey_robots=obey_robots)
        return await self._fetch(request, _Trip())

    # -- one fetch -------------------------------------------------------------------------------------------------

    async def _fetch(self, request: Request, trip: _Trip) -> Response:
        headers = {"Accept": request.accept}
        if (etag := _sendable(request.etag)) is not None:
            headers["If-None-Match"] = etag
        if (last_modified := _sendable(request.last_modified)) is not None:
            headers["If-Modified-Since"] = last_modified
        manner = _Manner(
            max_redirects=self._policy.max_redirects,
            max_body_bytes=self._policy.max_body_bytes,
            prefix_only=False,
            obey_robots=request.obey_robots,
            conditional=len(headers) > 1,
            headers=headers,
        )
        try:
            answer = await self._with_retries(trip, lambda: self._follow(target_of(request.url), manner, trip))
        except FetchError as error:
            if trip.host and isinstance(error, TransientFetchError) and not isinstance(error, RateLimited):
                self._turns.note_failure(trip.host, error)
            raise _as_asked(error, request.url) from error
        return Response(
            url=request.url,
            final_url=answer.target.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=self._clock(),
            elapsed_seconds=trip.network_seconds,
            wire_bytes=answer.wire_bytes,
            attempts=trip.attempts,
            redirects=answer.hops,
        )

    async def _with_retries(self, trip: _Trip, attempt: Callable[[], Awaitable[_T]]) -> _T:
        tries = 0
        while True:
            tries += 1
            trip.left_seconds = self._policy.total_deadline_seconds
            try:
                return await attempt()
            except TransientFetchError as error:
                jitter = random.random()  # noqa: S311  # spreads load, guards nothing
                wait = wait_before_retry(self._policy, error, attempts=tries, jitter=jitter)
                if wait is None:
                    raise
            await asyncio.sleep(wait)

    async def _follow(self, target: Target, manner: _Manner, trip: _Trip) -> _Answer:
        """Ask, and follow redirects, each judged like a first address."""
        hops: tuple[str, ...] = ()
        while True:
            trip.host = ""
            if manner.obey_robots:
                await self._obey_robots(target)
            answer = await self._ask(target, manner, trip, is_first=not hops)
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location:
                return _Answer(target, answer.status, answer.headers, answer.body, answer.wire_bytes, hops)
            hops = (*hops, target.url)
            target = redirect_target(target, location)
            if target.url in hops:
                raise TooManyRedirects(target.url, f"a redirect loop of {len(hops) - hops.index(target.url)}")
            if len(hops) > manner.max_redirects:
                raise TooManyRedirects(target.url, f"more than {manner.max_redirects} redirects")

    # -- one exchange ----------------------------------------------------------------------------------------------

    async def _ask(self, target: Target, manner: _Manner, trip: _Trip, *, is_first: bool) -> _Answer:
        """One request in its host's turn. Raises for every status but success and redirect."""
        async with self._turns.turn(target.host, target.url):
            trip.host, trip.status = target.host, None
            trip.attempts += is_first
            try:
                answer = await self._exchange(target, manner, trip)
            except ConnectionFailed:
                if not trip.is_reused:
                    raise
                answer = await self._exchange(target, manner, trip)  # an idle connection had ended (RFC 9112, 9.3.1)
            if answer.status < 100:  # RFC 9110, 15: three digits from 100 on; aiohttp lets 000 through
                raise ProtocolError(target.url, f"status {answer.status:03}", status=None)
            is_redirect = answer.status in _REDIRECTS and bool(answer.headers.get("location"))
            error = error_of_status(
                target.url,
                answer.status,
                answer.headers,
                conditional=manner.conditional,
                now=self._clock(),
                policy=self._policy,
            )
            self._turns.note_status(target.host, error)
        if error is not None and not is_redirect:
            raise error
        return answer

    async def _exchange(self, target: Target, manner: _Manner, trip: _Trip) -> _Answer:
        """Send a GET and take in the answer; the body only of a success. Raises FetchErrors only, or a bug."""
        headers = dict(manner.headers)
        if not manner.prefix_only and not self._turns.has_queue(target.host):
            headers["Connection"] = "close"  # nobody else waits for this host: no idle socket for each host of a run
        sockets = _Sockets()
        token = _sockets.set(sockets)
        started = self._now()
        try:
            async with (
                asyncio.timeout(trip.left_seconds),
                self._session.get(request_url(target), headers=headers, allow_redirects=False) as reply,
            ):
                trip.status = reply.status
                fields = _plain_headers(reply)
                decoder = None
                if 200 <= reply.status < 300:
                    decoder = await self._take_body(reply, target, fields, manner)
                body, wire_bytes = (decoder.finish(), decoder.wire_bytes) if decoder else (b"", 0)
                trip.wire_bytes += wire_bytes
                return _Answer(target, reply.status, fields, body, wire_bytes)
        except TimeoutError as error:
            stage = "no answer" if trip.status is None else "no complete body"
            limit = self._policy.total_deadline_seconds
            raise Timeout(target.url, f"{stage} within the {limit:g} s of an attempt", status=trip.status) from error
        except EXCHANGE_ERRORS as error:
            if sockets.refused and isinstance(error, aiohttp.ClientConnectorError):
                leads_to = ", ".join(sockets.refused)
                raise Blocked(target.url, f"{target.host} leads to {leads_to}: not public") from error
            raise error_of_exchange(target.url, error, answered=trip.status is not None) from error
        finally:
            _sockets.reset(token)
            trip.is_reused = sockets.opened == 0
            spent = self._now() - started
            trip.network_seconds += spent
            trip.left_seconds = max(trip.left_seconds - spent, 0.0)

    async def _take_body(
        self, reply: aiohttp.ClientResponse, target: Target, fields: Mapping[str, str], manner: _Manner
    ) -> BodyDecoder:
        limit = manner.max_body_bytes
        if not manner.prefix_only and (reply.content_length or 0) > limit:
            raise TooLarge(target.url, f"{reply.content_length} bytes announced; at most {limit} are taken")
        codings = content_codings(fields.get("content-encoding"))
        decoder = BodyDecoder(target.url, codings, limit, prefix_only=manner.prefix_only)
        _watch_framing(reply)
        while chunk := await reply.content.readany():
            if not decoder.feed(chunk):
                break
        return decoder

    def _guarded_socket(self, address: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket for an address that may be connected to; aiohttp calls this just before it connects there."""
        family, kind, protocol, _, place = address
        ip, port = str(place[0]), int(str(place[1]))
        if not is_public(ip) and (ip, port) not in self._allowed:
            _sockets.get().refused.append(ip)
            raise PermissionError(f"{ip} is not public")
        _sockets.get().opened += 1
        own = socket.socket(family, kind, protocol)
        self._sockets.add(own)
        return own

    # -- robots.txt ------------------------------------------------------------------------------------------------

    async def _obey_robots(self, target: Target) -> None:
        """Raises RobotsForbidden, or what keeps robots.txt from being known."""
        known = self._robots.get(target.origin)
        if known is None or known.until <= self._now():
            async with self._robots_locks.setdefault(target.origin, asyncio.Lock()):
                known = self._robots.get(target.origin)
                if known is None or known.until <= self._now():
                    known = self._robots[target.origin] = await self._ask_robots(target)
        if known.error is not None:
            raise _as_asked(known.error, target.url)
        if known.rules is not None:
            cap = self._policy.crawl_delay_cap_seconds
            self._turns.slow_down(target.host, known.rules.crawl_delay_seconds(cap))
            if not known.rules.allows(target.url):
                raise RobotsForbidden(target.url, f"{target.robots_url} forbids it")

    async def _ask_robots(self, target: Target) -> _Robots:
        """RFC 9309, 2.3.1: an answer's rules; 4xx and too many redirects allow all; what may pass forbids for now."""
        manner = _Manner(
            max_redirects=_ROBOTS_REDIRECTS, max_body_bytes=MAX_ROBOTS_BYTES, prefix_only=True, obey_robots=False
        )
        trip = _Trip()
        rules, failure = None, None
        try:
            answer = await self._with_retries(trip, lambda: self._follow(target_of(target.robots_url), manner, trip))
            rules = parse_robots(answer.body, self._policy.user_agent)
        except FetchError as error:
            failure = error
        self.robots_fetches.append(
            Fetch(
                url=target.robots_url,
                kind=FetchKind.ROBOTS,
                at=self._clock(),
                status=trip.status,
                reason=failure.reason if failure else "ok",
                detail=failure.detail if failure else "",
                elapsed_seconds=trip.network_seconds,
                wire_bytes=trip.wire_bytes,
            )
        )
        policy = self._policy
        standing = _standing_error(failure, target, trip.host, policy.robots_retry_seconds) if failure else None
        lifetime = policy.robots_retry_seconds if standing else policy.robots_lifetime_seconds
        return _Robots(self._now() + lifetime, rules, standing)


async def fetch_all(
    fetcher: Fetcher,
    requests: Sequence[Request],
    on_result: Callable[[Result], None] | None = None,
    *,
    deadline_seconds: float | None = None,
) -> list[Result]:
    """All of `requests` at once, as politely as the policy says; results in the order of the requests.

    A FetchError is a Failure in its place; a bug is raised, and stops the others. What is not done by the deadline is
    cancelled and left out. `on_result` is called in this loop as each one finishes.
    """

    async def fetched(request: Request) -> Result:
        trip = _Trip()
        outcome: Response | Failure
        try:
            outcome = await fetcher._fetch(request, trip)
        except FetchError as error:
            outcome = failure_of(error, fetcher._clock(), trip.network_seconds, trip.attempts)
        result = (request, outcome)
        if on_result is not None:
            on_result(result)
        return result

    tasks = [asyncio.create_task(fetched(request)) for request in requests]
    if not tasks:
        return []
    try:
        await asyncio.wait(tasks, timeout=deadline_seconds, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks if not task.cancelled()]


def failure_of(error: FetchError, at: datetime, elapsed_seconds: float, attempts: int) -> Failure:
    """A known error as a value."""
    return Failure(
        url=error.url,
        reason=error.reason,
        detail=error.detail,
        transient=error.transient,
        at=at,
        status=error.status,
        retry_after_seconds=error.retry_after_seconds,
        elapsed_seconds=elapsed_seconds,
        attempts=attempts,
    )


def _standing_error(error: FetchError, target: Target, host: str, wait_seconds: float) -> FetchError | None:
    """What an origin's robots.txt that did not come means for its pages; None: all is allowed.

    `host`: who was asked last; look-up, address and certificate of the origin's own host fail its pages as well.
    """
    if isinstance(error, HttpGone | HttpForbidden | HttpError | TooManyRedirects):
        return None
    is_own_host = host == target.host and isinstance(error, Blocked | DnsError | TlsError)
    kind = type(error) if is_own_host else RobotsUnavailable
    detail = error.detail if is_own_host else f"robots.txt: {error.reason}: {error.detail}"
    wait = max(wait_seconds, error.retry_after_seconds or 0.0) if kind.transient else None
    return kind(error.url, detail, status=error.status, retry_after_seconds=wait)


def _as_asked(error: FetchError, url: str) -> FetchError:
    """The same error under the URL that was asked for; a hop on the way is named in the detail."""
    detail = error.detail if error.url == url else f"{error.detail} (at {error.url})"
    return type(error)(url, detail, status=error.status, retry_after_seconds=error.retry_after_seconds)


def _watch_framing(reply: aiohttp.ClientResponse) -> None:
    """Wake the reader of a body when its connection ends.

    aiohttp 3.14.5 closes the connection at a bad chunk, but tells the body's reader nothing: it would wait in vain.
    """

    def on_end(_: object) -> None:
        if not reply.content.is_eof() and reply.content.exception() is None:
            reply.content.set_exception(HttpProcessingError(message="the framing of the body is broken"))

    protocol = reply.connection.protocol if reply.connection is not None else None
    if protocol is not None:
        end = protocol.closed
        if end is None:
            on_end(None)
        else:
            end.add_done_callback(on_end)


def _sendable(validator: str | None) -> str | None:
    """A validator as it was stored, None if no header can carry it."""
    if not validator or not validator.isprintable():
        return None
    return validator


def _plain_headers(reply: aiohttp.ClientResponse) -> Mapping[str, str]:
    """Names in lower case, repeated fields joined; values clean text, with what was no UTF-8 read as Latin-1."""
    fields: dict[str, str] = {}
    for name, value in reply.headers.items():
        if not value.isprintable():
            value = "".join(char for char in _latin(value) if char.isprintable())
        key = name.lower()
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return fields


def _latin(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("latin-1")
