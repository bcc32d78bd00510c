"""A web server on 127.0.0.1 that is all outlets of the replay at once, and the resolver that leads to it.

Real HTTP/1.1 over a real socket: routed by the Host field, validators and 304, redirects, gzip, robots.txt. What the
outlets have not published by `moment` does not exist. The way there is a resolver object passed in code, never a
setting: with `ReplayResolver` a client reaches the replay's hosts and nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
import socket
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiohttp.abc import AbstractResolver, ResolveResult

from flows.replay import render
from flows.replay.site import MOMENTS, Outlet, OutletFeed, ReplayArticle, Site, load_site

ADDRESS = "127.0.0.1"
_SHUTDOWN_POLL_SECONDS = 0.02  # how long leaving the context may wait for the accepting thread
_IDLE_SECONDS = 30.0  # a kept-alive connection that says nothing is dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that the server answered."""

    host: str
    path: str  # with its query
    status: int
    conditional: bool  # If-None-Match or If-Modified-Since came with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes out: status, header fields, body before any content coding."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class ReplayResolver(AbstractResolver):
    """Leads the replay's hosts to its server; every other name fails as a name that does not exist."""

    def __init__(self, hosts: Iterable[str], port: int) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._port = port
        self.allowed: frozenset[tuple[str, int]] = frozenset({(ADDRESS, port)})

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One address, 127.0.0.1 with the server's port. Raises socket.gaierror (an OSError) for other hosts."""
        if host.lower() not in self._hosts:
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is no host of the replay")
        return [
            ResolveResult(
                hostname=host,
                host=ADDRESS,
                port=self._port,
                family=socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
        ]

    async def close(self) -> None:
        """Nothing to release."""


class ReplayServer:
    """Context manager: serves from entering to leaving, on a free port, in threads of its own.

    `moment` may be set at any time; `log` grows by one `Asked` per request, in order of answering.
    """

    def __init__(self, site: Site | None = None, *, moment: datetime = MOMENTS[0]) -> None:
        self.site = load_site() if site is None else site
        self.log: list[Asked] = []
        self.faults: list[BaseException] = []  # bugs of ours in a handler; a test holds it empty
        self._outlets = {outlet.host: outlet for outlet in self.site.outlets}
        self._httpd: _Listener | None = None
        self._thread: threading.Thread | None = None
        self.moment = moment

    @property
    def moment(self) -> datetime:
        """The time that it is at the outlets; aware."""
        return self._moment

    @moment.setter
    def moment(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError(f"moment must be aware, got {moment!r}")
        self._moment = moment

    @property
    def port(self) -> int:
        """The port that it listens on; RuntimeError outside the context."""
        if self._httpd is None:
            raise RuntimeError("the replay server is not running")
        return int(self._httpd.server_address[1])

    def resolver(self) -> ReplayResolver:
        """A resolver for clients of this server."""
        return ReplayResolver(self._outlets, self.port)

    def __enter__(self) -> Self:
        self._httpd = _Listener(self)
        self._thread = threading.Thread(
            target=self._httpd.serve_forever,
            kwargs={"poll_interval": _SHUTDOWN_POLL_SECONDS},
            name="replay-server",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        httpd, thread = self._httpd, self._thread
        self._httpd = self._thread = None
        if httpd is not None and thread is not None:
            httpd.shutdown()
            thread.join()
            httpd.hang_up()
            httpd.server_close()

    def answer(self, host: str, path: str, fields: dict[str, str]) -> Answer:
        """The answer to one GET. `host` without port, `path` with its query, names of `fields` in lower case."""
        outlet = self._outlets.get(host.lower())
        if outlet is None:
            return _plain(421, "no such outlet\n")
        bare = path.partition("?")[0]
        if bare == "/robots.txt":
            return _plain(404, "not found\n") if outlet.robots is None else _plain(200, outlet.robots)
        for form in outlet.feeds:
            if form.path == bare:
                return self._feed(outlet, form, fields)
        return self._article(outlet, path)

    def _feed(self, outlet: Outlet, form: OutletFeed, fields: dict[str, str]) -> Answer:
        if form.status != 200:
            return _plain(form.status, "this feed is closed\n")
        body = render.feed(self.site, outlet, form, self._moment)
        headers = {"Content-Type": render.FEED_TYPES[form.format]}
        if form.validator == "etag":
            headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
            if fields.get("if-none-match") == headers["ETag"]:
                return Answer(status=304, headers={"ETag": headers["ETag"]})
        elif form.validator == "last_modified":
            changed = max(a.published for a in self.site.of_outlet(outlet.slug, self._moment) if a.listed)
            headers["Last-Modified"] = format_datetime(changed.replace(microsecond=0), usegmt=True)
            if _not_modified_since(changed, fields.get("if-modified-since")):
                return Answer(status=304, headers={"Last-Modified": headers["Last-Modified"]})
        return Answer(status=200, headers=headers, body=body)

    def _article(self, outlet: Outlet, path: str) -> Answer:
        bare = path.partition("?")[0]
        there = {
            a.path: a for a in self.site.of_outlet(outlet.slug, self._moment) if a.serves not in ("nothing", "alias")
        }
        article = there.get(path) or there.get(bare)
        if article is None:
            return Answer(status=404, headers=_html_type(outlet), body=_not_found(outlet))
        if article.serves == "redirect":
            return Answer(
                status=301, headers={"Location": self._location(outlet, article), "Content-Type": "text/plain"}
            )
        if article.serves == "pdf":
            return Answer(status=200, headers={"Content-Type": "application/pdf"}, body=render.pdf(article))
        return Answer(status=200, headers=_html_type(outlet), body=render.page(self.site, article, self._moment))

    def _location(self, outlet: Outlet, article: ReplayArticle) -> str:
        target = self.site.article(f"{outlet.slug}/{article.target}")
        return outlet.url(target.path) if article.location == "absolute" else target.path

    def compresses(self, host: str) -> bool:
        """Whether the outlet of that host uses gzip."""
        outlet = self._outlets.get(host.lower())
        return outlet is not None and outlet.gzip


def _plain(status: int, text: str) -> Answer:
    return Answer(status=status, headers={"Content-Type": "text/plain; charset=utf-8"}, body=text.encode())


def _html_type(outlet: Outlet) -> dict[str, str]:
    return {"Content-Type": f"text/html; charset={outlet.charset}" if outlet.charset_in_header else "text/html"}


def _not_found(outlet: Outlet) -> bytes:
    return f"<!doctype html><title>404</title><h1>404</h1><p>{outlet.host}</p>".encode("ascii")


def _not_modified_since(changed: datetime, since: str | None) -> bool:
    """RFC 9110, 13.1.3: a date that can't be read counts as absent."""
    if since is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


class _Listener(ThreadingHTTPServer):
    daemon_threads = False  # leaving the context joins them, after hang_up() has woken them
    request_queue_size = 128

    def __init__(self, replay: ReplayServer) -> None:
        self.replay = replay
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((ADDRESS, 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the connections that clients keep alive, so that their threads end."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # the other side was faster
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no fault; the rest is kept for the one who looks, not printed."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ConnectionError, TimeoutError)):
            self.replay.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = -1  # one segment per answer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        replay = self.server.replay
        fields = {name.lower(): value for name, value in self.headers.items()}
        host = fields.get("host", "").partition(":")[0]
        answer = replay.answer(host, self.path, fields)
        headers, body = dict(answer.headers), answer.body
        if replay.compresses(host) and body and "gzip" in fields.get("accept-encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        replay.log.append(
            Asked(
                host=host,
                path=self.path,
                status=answer.status,
                conditional="if-none-match" in fields or "if-modified-since" in fields,
            )
        )
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "replay"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the standard library's)
        """Nothing on standard error."""
