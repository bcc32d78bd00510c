"""A web on 127.0.0.1 that does what it is told, faults included, and writes down what it was asked.

    with FakeWeb() as web:
        web.serve("https://news.example/a", "<p>text</p>", etag='"1"')
        web.hang("https://slow.example/a")
        async with Fetcher(policy, resolver=web.resolver(), ssl_context=web.client_context()) as fetcher: ...
        assert web.paths("news.example") == ["/robots.txt", "/a"]

Any host can be served: routes are whole URLs, told apart by scheme, Host header and target. What has no route is 404.
Several answers to one URL are given in turn, the last one for ever. It runs in a thread of its own, so that code under
test may run its own event loop; it is not a real server, and no answer here stands for a real site.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import itertools
import socket
import ssl
import struct
import sys
import threading
import time
import weakref
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

import brotli
from aiohttp.abc import ResolveResult

from tests.tls import ThrowawayCA

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PHRASES = {200: "OK", 204: "No Content", 301: "Moved Permanently", 304: "Not Modified", 404: "Not Found"}
_ZEROS = bytes(1024 * 1024)


@dataclass
class Hit:
    """One request. Times are of time.monotonic."""

    url: str
    headers: Mapping[str, str]  # names in lower case
    started_at: float
    ended_at: float | None = None  # when the last piece of the answer was handed over; None: nothing was sent
    gone_at: float | None = None  # when the client hung up before the answer was whole; None: it did not

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Exchange:
    """One request being answered; `number`: of the requests on its connection, from 1."""

    def __init__(self, hit: Hit, writer: asyncio.StreamWriter, number: int) -> None:
        self.hit, self._writer, self.number = hit, writer, number
        self.keep_open = False

    async def send(self, data: bytes) -> None:
        self.hit.ended_at = time.monotonic()  # before: the client may have all of it by the time we go on
        self._writer.write(data)
        await self._writer.drain()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def reset(self) -> None:
        """End the connection with RST."""
        self.hit.ended_at = time.monotonic()
        own = self._writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Answer = Callable[[Exchange], Awaitable[None]]


@dataclass
class _Route:
    answers: list[Answer] = field(default_factory=list)

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class LoopbackResolver:
    """A resolver for aiohttp that sends names to the fake web, and lets the guard pass there."""

    def __init__(self, ports: Mapping[int, int], *, addresses: Mapping[str, Iterable[str]], unknown: set[str]) -> None:
        self._ports, self._unknown = ports, unknown
        self._addresses = {host: iter(found) for host, found in addresses.items()}
        self.allowed: frozenset[tuple[str, int]] = frozenset(("127.0.0.1", port) for port in ports.values())
        self.looked_up: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.looked_up.append(host)
        if host in self._unknown:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        found = next(self._addresses[host]) if host in self._addresses else "127.0.0.1"
        return [
            ResolveResult(
                hostname=host,
                host=ip,
                port=self._ports.get(port, port),
                family=socket.AF_INET6 if ":" in ip else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for ip in found.split()
        ]

    async def close(self) -> None:
        """Nothing to close."""


class FakeWeb:
    """The server; see the module. `log` holds every request in the order of arrival."""

    def __init__(self) -> None:
        self.log: list[Hit] = []
        self._ca: ThrowawayCA | None = None
        self._routes: dict[str, _Route] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fakeweb", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self.http_port = self.https_port = 0

    # -- life ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> FakeWeb:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def ca(self) -> ThrowawayCA:
        """The CA behind its https addresses; its `expired`, `misnamed` and `self_signed` make bad certificates."""
        if self._ca is None:
            self._ca = ThrowawayCA()
            asyncio.run_coroutine_threadsafe(self._start_tls(self._ca), self._loop).result(10)
        return self._ca

    def client_context(self) -> ssl.SSLContext:
        """Give it to the Fetcher before asking any https address."""
        return self.ca.client_context()

    def resolver(
        self, *, addresses: Mapping[str, Iterable[str]] | None = None, unknown: Iterable[str] = ()
    ) -> LoopbackResolver:
        """All names lead here, but `unknown` ones; `addresses`: host -> one text per look-up, of IPs and blanks."""
        ports = {80: self.http_port} | ({443: self.https_port} if self.https_port else {})
        return LoopbackResolver(ports, addresses=addresses or {}, unknown=set(unknown))

    # -- verbs -----------------------------------------------------------------------------------------------------

    def answer(self, url: str, answer: Answer) -> None:
        """Let `answer` do as it likes with the exchange; further calls for the same URL add further answers."""
        parts = urlsplit(url)
        self._routes.setdefault(f"{parts.scheme}://{parts.netloc}{_target(url)}", _Route()).answers.append(answer)

    def serve(
        self,
        url: str,
        body: str | bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """A sound answer. With a validator, it is 304 to whoever sends it back."""
        content = body.encode() if isinstance(body, str) else body
        validators = {"ETag": etag, "Last-Modified": last_modified}
        fields = {name: value for name, value in validators.items() if value is not None} | dict(headers or {})

        async def send(exchange: Exchange) -> None:
            await exchange.sleep(delay)
            asked = exchange.hit.headers
            same = (etag is not None and asked.get("if-none-match") == etag) or (
                last_modified is not None and asked.get("if-modified-since") == last_modified
            )
            exchange.keep_open = asked.get("connection", "").lower() != "close"
            close = {} if exchange.keep_open else {"Connection": "close"}
            if same:
                await exchange.send(head(304, fields | close))
            else:
                await exchange.send(head(status, fields | {"Content-Length": str(len(content))} | close) + content)

        self.answer(url, send)

    def forget(self, url: str) -> None:
        """404 from now on, or what is told next."""
        parts = urlsplit(url)
        self._routes.pop(f"{parts.scheme}://{parts.netloc}{_target(url)}", None)

    def robots(self, origin: str, text: str | bytes, *, status: int = 200) -> None:
        self.serve(f"{origin}/robots.txt", text, status=status, headers={"Content-Type": "text/plain"})

    def redirect(self, url: str, to: str, *, status: int = 302) -> None:
        self.serve(url, b"moved", status=status, headers={"Location": to})

    def fail(self, url: str, status: int, *, retry_after: str | None = None, times: int = 1) -> None:
        """This status, `times` in a row; what is told about the URL afterwards comes next."""
        for _ in range(times):
            self.serve(url, b"", status=status, headers={} if retry_after is None else {"Retry-After": retry_after})

    def raw(self, url: str, data: bytes) -> None:
        """Exactly these bytes, then the end of the connection."""
        self.answer(url, lambda exchange: exchange.send(data))

    def hang(self, url: str) -> None:
        """Take the request and say nothing."""
        self.answer(url, lambda exchange: exchange.sleep(3600))

    def drip(self, url: str, start: bytes, *, every_seconds: float = 0.02) -> None:
        """Send `start`, then one byte at a time, for ever."""

        async def send(exchange: Exchange) -> None:
            await exchange.send(start)
            while True:
                await exchange.sleep(every_seconds)
                await exchange.send(b"x")

        self.answer(url, send)

    def endless(self, url: str) -> None:
        """A body without an end, as fast as it is taken."""

        async def send(exchange: Exchange) -> None:
            await exchange.send(head(200, {"Content-Type": "text/html"}))
            while True:
                await exchange.send(_ZEROS)

        self.answer(url, send)

    def reset(self, url: str, start: bytes = b"") -> None:
        """Send `start`, then RST."""

        async def send(exchange: Exchange) -> None:
            if start:
                await exchange.send(start)
                await exchange.sleep(0.02)  # or the RST overtakes it
            exchange.reset()

        self.answer(url, send)

    def close_early(self, url: str) -> None:
        """End the connection before any answer."""
        self.raw(url, b"")

    # -- what was asked --------------------------------------------------------------------------------------------

    def hits(self, host: str) -> list[Hit]:
        return [hit for hit in list(self.log) if hit.host == host]

    def paths(self, host: str) -> list[str]:
        return [hit.path for hit in self.hits(host)]

    def most_in_flight(self, host: str | None = None) -> int:
        """The highest number of requests that were being answered at one time, of a host or of all."""
        events: list[tuple[float, int]] = []
        for hit in list(self.log):
            ended_at = hit.ended_at or hit.gone_at
            if host in (None, hit.host) and ended_at is not None:
                events += [(hit.started_at, 1), (ended_at, -1)]
        most = now = 0
        for _, change in sorted(events):
            now += change
            most = max(most, now)
        return most

    # -- the server ------------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        server = await asyncio.start_server(self._plain, "127.0.0.1", 0, backlog=1024)
        self.http_port = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    async def _start_tls(self, ca: ThrowawayCA) -> None:
        server = await asyncio.start_server(self._secure, "127.0.0.1", 0, ssl=ca.server_context(), backlog=1024)
        self.https_port = server.sockets[0].getsockname()[1]
        self._servers.append(server)

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)  # transports end in the loop's next rounds

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connection("http", reader, writer)

    async def _secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._connection("https", reader, writer)

    async def _connection(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        try:
            early = b""  # what came of the next request while the last answer was handed over
            for number in itertools.count(1):
                keep_open, early = await self._exchange(scheme, reader, writer, number, early)
                if not keep_open:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went, or the test is over
        finally:
            self._connections.discard(task)
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _exchange(
        self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, early: bytes
    ) -> tuple[bool, bytes]:
        request = (early + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = request.rstrip().split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = f"{scheme}://{fields['host']}{first.split(' ')[1]}"
        hit = Hit(url=url, headers=fields, started_at=time.monotonic())
        self.log.append(hit)
        exchange = Exchange(hit, writer, number)
        route = self._routes.get(url)
        if route is None:
            await exchange.send(head(404, {"Content-Length": "0", "Connection": "close"}))
            return False, b""
        early = await _until_client_goes(reader, route.next()(exchange), hit)
        return exchange.keep_open, early


async def _until_client_goes(reader: asyncio.StreamReader, answering: Awaitable[None], hit: Hit) -> bytes:
    """Answer, unless the client hangs up before: a server that notices at once. What it sends meanwhile comes back."""
    answer = asyncio.ensure_future(answering)
    further = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({answer, further}, return_when=asyncio.FIRST_COMPLETED)
        if further.done() and not further.result() and not answer.done():
            hit.gone_at = time.monotonic()
            answer.cancel()
        await asyncio.wait({answer})
    finally:
        answer.cancel()
        further.cancel()
    await asyncio.gather(further, return_exceptions=True)
    if not answer.cancelled() and (error := answer.exception()) is not None:
        raise error
    return b"" if further.cancelled() or further.exception() else further.result()


def head(status: int, fields: Mapping[str, str]) -> bytes:
    """The head of an answer, its final empty line included."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Because')}", *(f"{name}: {fields[name]}" for name in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def http_date(seconds: float) -> str:
    """Seconds since 1970 as an HTTP-date (RFC 9110, 5.6.7)."""
    return email.utils.formatdate(seconds, usegmt=True)


def bomb(coding: str, size_mib: int = 1024) -> bytes:
    """One stream of so many MiB of zeros, in "gzip", "br" or "zstd", made in no memory."""
    if coding == "br":
        brotli_stream = brotli.Compressor(quality=1)
        return b"".join([*(brotli_stream.process(_ZEROS) for _ in range(size_mib)), brotli_stream.finish()])
    if coding == "zstd":
        zstd_stream = zstd.ZstdCompressor(1)
        return b"".join([*(zstd_stream.compress(_ZEROS) for _ in range(size_mib)), zstd_stream.flush()])
    stream = zlib.compressobj(9, wbits=31)
    start = stream.compress(_ZEROS) + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(_ZEROS) + stream.flush(zlib.Z_FULL_FLUSH)  # the same for each further MiB
    return start + block * (size_mib - 1) + stream.flush()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
