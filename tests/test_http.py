"""extractors.http against a web on loopback: what a fetch survives, and how politely (rows 1-28 of the faults)."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import resource
import socket
import time
import warnings
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors.errors import (
    BadUrl,
    Blocked,
    ConnectionFailed,
    DecodeError,
    DnsError,
    FetchError,
    HttpError,
    HttpForbidden,
    HttpGone,
    ProtocolError,
    RateLimited,
    RobotsForbidden,
    RobotsUnavailable,
    ServerError,
    Timeout,
    TlsError,
    TooLarge,
    TooManyRedirects,
    Truncated,
)
from extractors.http import Fetcher, FetchPolicy, Request, Result, fetch_all
from extractors.records import REASONS, Failure, Response
from tests.fakeweb import Exchange, FakeWeb, LoopbackResolver, bomb, head, http_date

A = "http://news.example/a"
NOW = datetime(2025, 10, 16, 12, 0, tzinfo=UTC)
MIB = 2**20
AGENT = "storywatch/0.1 (+https://operator.example/contact)"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as server:
        yield server


def policy(**changes: Any) -> FetchPolicy:
    quick: dict[str, Any] = {"host_delay_seconds": 0.0, "retry_base_seconds": 0.01, "max_attempts": 1}
    return FetchPolicy(user_agent=AGENT, **(quick | {"total_deadline_seconds": 5.0} | changes))


def run(
    web: FakeWeb, work: Callable[[Fetcher], Awaitable[Any]], *, resolver: LoopbackResolver | None = None, **changes: Any
) -> Any:
    """Do `work` with a fetcher that sees this web only."""

    async def main() -> Any:
        context = web.client_context() if web.https_port else None
        pinned = resolver or web.resolver()
        async with Fetcher(policy(**changes), resolver=pinned, ssl_context=context, clock=lambda: NOW) as fetcher:
            return await work(fetcher)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return asyncio.run(main())


def get(web: FakeWeb, url: str = A, *, resolver: LoopbackResolver | None = None, **changes: Any) -> Response:
    response = run(web, lambda fetcher: fetcher.get(url, obey_robots=False), resolver=resolver, **changes)
    assert isinstance(response, Response)
    return response


def failed(web: FakeWeb, kind: type[FetchError], url: str = A, **changes: Any) -> FetchError:
    """The error of getting `url`; it must be of this very class, under this URL."""
    with pytest.raises(FetchError) as caught:
        get(web, url, **changes)
    error = caught.value
    assert type(error) is kind, f"{type(error).__name__}: {error}"
    assert error.url == url
    assert error.reason in REASONS
    assert error.detail
    return error


def results(web: FakeWeb, requests: list[Request], *, deadline: float | None = None, **changes: Any) -> list[Result]:
    done = run(web, lambda fetcher: fetch_all(fetcher, requests, deadline_seconds=deadline), **changes)
    assert isinstance(done, list)
    return done


# -- a sound answer ------------------------------------------------------------------------------------------------


def test_a_response_says_all_about_the_answer(web: FakeWeb) -> None:
    web.serve(A, "<p>text</p>", headers={"Content-Type": "text/html", "X-Y": "caf\u00e9"}, etag='"1"')
    response = get(web)
    assert (response.url, response.final_url, response.status, response.body) == (A, A, 200, b"<p>text</p>")
    assert response.headers["content-type"] == "text/html"
    assert response.headers["x-y"] == "café"
    assert (response.attempts, response.redirects, response.wire_bytes) == (1, (), 11)
    assert response.fetched_at == NOW
    assert response.elapsed_seconds > 0


def test_a_request_names_us_and_says_what_we_take(web: FakeWeb) -> None:
    web.serve(A, b"x")
    run(web, lambda f: f.get(A, etag='W/"a,b"', last_modified="yesterday", accept="text/x", obey_robots=False))
    sent = web.log[0].headers
    assert (sent["user-agent"], sent["accept"], sent["host"]) == (AGENT, "text/x", "news.example")
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('W/"a,b"', "yesterday")
    assert sent["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "cookie" not in sent
    assert "authorization" not in sent


def test_repeated_fields_are_joined_and_stray_bytes_become_text(web: FakeWeb) -> None:
    fields = b'X-A: 1\r\nX-a: 2\r\nETag: "\xff\xe9\x01"\r\n'
    web.raw(A, b"HTTP/1.1 200 OK\r\n" + fields + b"Content-Length: 1\r\n\r\nx")
    headers = get(web).headers
    assert headers["x-a"] == "1, 2"
    assert headers["etag"] == '"ÿé"'


def test_a_validator_that_no_header_can_carry_is_not_sent(web: FakeWeb) -> None:
    web.serve(A, b"x")
    run(web, lambda f: f.get(A, etag='"a\r\nX: y"', last_modified="\udcff", obey_robots=False))
    assert not {"if-none-match", "if-modified-since", "x"} & web.log[0].headers.keys()


def test_cookies_are_forgotten(web: FakeWeb) -> None:
    web.serve(A, b"x", headers={"Set-Cookie": "id=1; Path=/"})
    run(web, lambda f: fetch_all(f, [Request(url=A, obey_robots=False)] * 2))
    assert ["cookie" in hit.headers for hit in web.log] == [False, False]


def test_https_is_fetched_under_a_trusted_certificate(web: FakeWeb) -> None:
    assert web.ca
    web.serve("https://news.example/a", b"safe")
    assert get(web, "https://news.example/a").body == b"safe"


@pytest.mark.parametrize("fault", ["expired", "misnamed", "self_signed"])
def test_a_bad_certificate_is_a_tls_error_and_nothing_is_asked(web: FakeWeb, fault: str) -> None:
    getattr(web.ca, fault).add("bad.example")
    failed(web, TlsError, "https://bad.example/a")
    assert web.log == []


def test_a_server_without_tls_on_the_https_port_is_a_tls_error(web: FakeWeb) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        writer.close()

    async def work(fetcher: Fetcher) -> None:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            resolver._ports = {443: server.sockets[0].getsockname()[1]}
            fetcher._allowed = frozenset({("127.0.0.1", resolver._ports[443])})
            await fetcher.get("https://news.example/a", obey_robots=False)

    resolver = web.resolver()
    with pytest.raises(TlsError):
        run(web, work, resolver=resolver)


# -- rows 1-4: time and size -----------------------------------------------------------------------------------------


def timed(web: FakeWeb, kind: type[FetchError], seconds: float, **changes: Any) -> None:
    started = time.monotonic()
    failed(web, kind, total_deadline_seconds=seconds, **changes)
    assert time.monotonic() - started < seconds + 1.0


def test_row_1_a_server_that_hangs_is_a_timeout(web: FakeWeb) -> None:
    web.hang(A)
    timed(web, Timeout, 0.3)


def test_row_2_dripped_headers_meet_the_total_deadline(web: FakeWeb) -> None:
    web.drip(A, b"HTTP/1.1 200 OK\r\nX-Drip: ")
    timed(web, Timeout, 0.3)


def test_row_3_a_dripped_body_meets_the_total_deadline(web: FakeWeb) -> None:
    web.drip(A, head(200, {"Content-Length": "1000"}))
    timed(web, Timeout, 0.3)


def test_row_4_an_endless_body_is_too_large(web: FakeWeb) -> None:
    web.endless(A)
    timed(web, TooLarge, 5.0, max_body_bytes=MIB)


def test_an_announced_size_over_the_cap_is_not_even_read(web: FakeWeb) -> None:
    web.drip(A, head(200, {"Content-Length": str(10 * MIB)}))
    started = time.monotonic()
    failed(web, TooLarge, max_body_bytes=MIB)
    assert time.monotonic() - started < 1.0


def test_the_deadline_spans_redirects(web: FakeWeb) -> None:
    for hop in range(10):
        web.serve(f"http://h{hop}.example/", status=302, headers={"Location": f"http://h{hop + 1}.example/"}, delay=0.1)
    failed(web, Timeout, "http://h0.example/", total_deadline_seconds=0.35)
    assert len(web.log) <= 4


# -- rows 5-10: content codings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_rows_5_to_7_a_bomb_of_1_gib_is_too_large_in_little_memory(web: FakeWeb, coding: str) -> None:
    web.serve(A, bomb(coding), headers={"Content-Encoding": coding})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failed(web, TooLarge)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def test_row_8_stacked_codings_are_undone(web: FakeWeb) -> None:
    web.serve(A, gzip.compress(zlib.compress(b"text")), headers={"Content-Encoding": "deflate, gzip"})
    response = get(web)
    assert response.body == b"text"
    assert response.wire_bytes > 4


def test_row_8_too_many_stacked_codings_are_refused(web: FakeWeb) -> None:
    web.serve(A, b"x", headers={"Content-Encoding": "gzip, gzip, gzip, gzip"})
    failed(web, DecodeError)


def test_row_9_broken_gzip_is_a_decode_error(web: FakeWeb) -> None:
    web.serve(A, b"\x1f\x8b\x08" + b"nonsense" * 10, headers={"Content-Encoding": "gzip"})
    failed(web, DecodeError)


def test_row_10_gzip_cut_short_is_truncated_though_its_length_is_right(web: FakeWeb) -> None:
    web.serve(A, gzip.compress(b"text" * 500)[:-10], headers={"Content-Encoding": "gzip"})
    failed(web, Truncated)


# -- rows 11-18: broken connections and messages -----------------------------------------------------------------------

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOTH = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(OK + b"Content-Length: 100\r\n\r\nhello", Truncated, id="row 11, short body"),
        pytest.param(CHUNKED + b"50\r\nhello", Truncated, id="row 11, cut chunk"),
        pytest.param(CHUNKED + b"5\r\nhello\r\n", Truncated, id="row 11, no last chunk"),
        pytest.param(b"", ConnectionFailed, id="row 13, close before an answer"),
        pytest.param(OK + b"Conte", ConnectionFailed, id="row 13, close within the head"),
        pytest.param(b"\x00\x01 blah\r\n\r\n", ProtocolError, id="row 14, garbage"),
        pytest.param(b"HELLO WORLD\r\n\r\n", ProtocolError, id="row 14, another protocol"),
        pytest.param(b"HTTP/9.9 200 OK\r\n\r\n", ProtocolError, id="row 14, version"),
        pytest.param(CHUNKED + b"ZZZ\r\nhello\r\n", ProtocolError, id="row 15, bad chunk"),
        pytest.param(CHUNKED + b"5\r\nhello\r\nZZ\r\n", ProtocolError, id="row 15, later bad chunk"),
        pytest.param(BOTH, ProtocolError, id="row 16, length and transfer coding"),
        pytest.param(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nhell", ProtocolError, id="row 16, lengths"),
        pytest.param(OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n", ProtocolError, id="row 17, header of 200 KB"),
        pytest.param(OK + b"X: y\r\n" * 5000 + b"\r\n", ProtocolError, id="row 18, 5,000 headers"),
    ],
)
def test_a_broken_message_is_a_known_error(web: FakeWeb, answer: bytes, kind: type[FetchError]) -> None:
    web.raw(A, answer)
    failed(web, kind)


def test_row_12_a_reset_is_a_failed_connection(web: FakeWeb) -> None:
    web.reset(A)
    failed(web, ConnectionFailed)


def test_row_12_a_reset_within_the_body_is_truncated(web: FakeWeb) -> None:
    web.reset(A, head(200, {"Content-Length": "100"}) + b"hello")
    failed(web, Truncated)


def test_row_15_a_bad_chunk_that_comes_later_is_a_protocol_error(web: FakeWeb) -> None:
    async def send(exchange: Exchange) -> None:
        await exchange.send(CHUNKED + b"5\r\nhello\r\n")
        await exchange.sleep(0.05)
        await exchange.send(b"ZZ\r\n")

    web.answer(A, send)
    failed(web, ProtocolError)


def test_a_port_where_nobody_listens_is_a_failed_connection(web: FakeWeb) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        resolver = web.resolver()
        resolver._ports = {80: free.getsockname()[1]}
        resolver.allowed = frozenset({("127.0.0.1", free.getsockname()[1])})
        failed(web, ConnectionFailed, resolver=resolver)


def test_an_unknown_host_is_a_dns_error(web: FakeWeb) -> None:
    failed(web, DnsError, resolver=web.resolver(unknown=["news.example"]))


@pytest.mark.parametrize("fault", ["reset", "close_early", "short"])
def test_rows_11_to_13_are_retried(web: FakeWeb, fault: str) -> None:
    for _ in range(2):
        if fault == "short":
            web.raw(A, head(200, {"Content-Length": "9"}) + b"x")
        else:
            getattr(web, fault)(A)
    web.serve(A, b"at last")
    response = get(web, max_attempts=3)
    assert (response.body, response.attempts, len(web.log)) == (b"at last", 3, 3)


def test_rows_11_to_13_fail_with_the_reason_when_attempts_are_used_up(web: FakeWeb) -> None:
    web.reset(A)
    [(_, failure)] = results(web, [Request(url=A, obey_robots=False)], max_attempts=3)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.attempts, failure.transient, failure.at) == ("connection_error", 3, True, NOW)
    assert len(web.log) == 3


@pytest.mark.parametrize("answer", [b"HELLO\r\n\r\n", head(404, {}), head(403, {}), head(418, {})])
def test_what_cannot_pass_is_not_retried(web: FakeWeb, answer: bytes) -> None:
    web.raw(A, answer)
    with pytest.raises(FetchError):
        get(web, max_attempts=3)
    assert len(web.log) == 1


# -- rows 19-21: redirects ---------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_told(web: FakeWeb) -> None:
    web.redirect(A, "/b?x#y", status=301)
    web.redirect("http://news.example/b?x", "http://other.example/c", status=308)
    web.serve("http://other.example/c", b"there")
    response = get(web, f"{A}#part")
    assert (response.url, response.final_url) == (f"{A}#part", "http://other.example/c")
    assert response.redirects == (A, "http://news.example/b?x")
    assert response.attempts == 1


def test_row_19_a_redirect_loop_is_too_many_redirects(web: FakeWeb) -> None:
    web.redirect(A, "/b")
    web.redirect("http://news.example/b", "/a#again")
    assert "loop" in failed(web, TooManyRedirects).detail
    assert len(web.log) == 2


def test_row_20_the_tenth_redirect_is_followed_and_the_eleventh_is_not(web: FakeWeb) -> None:
    for hop in range(25):
        web.redirect(f"http://news.example/{hop}", f"/{hop + 1}")
    web.serve("http://news.example/25", b"end")
    assert len(get(web, "http://news.example/15").redirects) == 10
    web.log.clear()
    failed(web, TooManyRedirects, "http://news.example/0")
    assert len(web.log) == 11


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/hosts",
        "ftp://news.example/a",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest",
        "http://127.1/",
        "http://0x7f000001/",
    ],
)
def test_row_21_a_redirect_to_a_private_address_or_another_scheme_is_blocked(web: FakeWeb, location: str) -> None:
    web.redirect(A, location)
    failed(web, Blocked)
    assert len(web.log) == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://a..b/", "http://1.2.3.4.5/"])
def test_a_redirect_to_no_address_is_a_bad_url(web: FakeWeb, location: str) -> None:
    web.redirect(A, location)
    failed(web, BadUrl)


def test_a_redirect_without_an_address_is_an_http_error(web: FakeWeb) -> None:
    web.serve(A, b"", status=302)
    assert failed(web, HttpError).status == 302


def test_an_error_after_a_redirect_names_the_hop(web: FakeWeb) -> None:
    web.redirect(A, "http://other.example/b")
    assert "http://other.example/b" in failed(web, HttpGone).detail


# -- rows 22-23: the guard ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_row_22_a_literal_loopback_address_is_blocked_before_a_socket_connects(web: FakeWeb, address: str) -> None:
    url = f"http://{address}:{web.http_port}/a"
    resolver = web.resolver()
    resolver.allowed = frozenset()
    failed(web, Blocked, url, resolver=resolver)
    assert web.log == []
    assert resolver.looked_up == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0x7f000001"])
def test_row_22_a_disguised_address_is_blocked_even_where_the_plain_one_is_allowed(web: FakeWeb, host: str) -> None:
    failed(web, Blocked, f"http://{host}:{web.http_port}/a")
    assert web.log == []


def test_an_allowed_address_is_allowed_on_its_port_only(web: FakeWeb) -> None:
    resolver = web.resolver()
    resolver.allowed = frozenset({("127.0.0.1", web.http_port + 1)})
    failed(web, Blocked, resolver=resolver)
    assert web.log == []


@pytest.mark.parametrize(
    "found", ["10.0.0.1", "::1", "10.0.0.1 192.168.0.1 fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::"]
)
def test_row_22_a_name_that_leads_to_a_private_address_is_blocked(web: FakeWeb, found: str) -> None:
    failed(web, Blocked, resolver=web.resolver(addresses={"news.example": [found]}), max_attempts=3)
    assert web.log == []


def test_row_23_a_name_that_turns_private_between_two_requests_is_blocked(web: FakeWeb) -> None:
    web.redirect(A, "http://news.example:8080/b")
    resolver = web.resolver(addresses={"news.example": ["127.0.0.1", "10.0.0.1"]})
    failed(web, Blocked, resolver=resolver)
    assert web.paths("news.example") == ["/a"]


def test_row_23_of_two_addresses_only_the_permitted_one_is_connected_to(web: FakeWeb) -> None:
    web.serve(A, b"x")
    assert get(web, resolver=web.resolver(addresses={"news.example": ["10.0.0.1 127.0.0.1"]})).body == b"x"


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/hosts", "news.example", "http://", "http://a b/"])
def test_what_is_no_web_address_is_a_bad_url(web: FakeWeb, url: str) -> None:
    failed(web, BadUrl, url)


# -- rows 24-27: statuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (300, HttpError),
        (304, HttpError),
        (400, HttpError),
        (401, HttpForbidden),
        (402, HttpForbidden),
        (403, HttpForbidden),
        (404, HttpGone),
        (410, HttpGone),
        (418, HttpError),
        (429, RateLimited),
        (451, HttpForbidden),
        (500, ServerError),
        (503, ServerError),
        (599, ServerError),
        (999, HttpError),
    ],
)
def test_each_status_has_its_class(web: FakeWeb, status: int, kind: type[FetchError]) -> None:
    web.raw(A, head(status, {"Content-Length": "0"}))
    assert failed(web, kind).status == status


def test_row_24_retry_after_in_seconds_is_waited_for(web: FakeWeb) -> None:
    web.fail(A, 429, retry_after="1")
    web.serve(A, b"x")
    assert get(web, max_attempts=2).attempts == 2
    assert web.log[1].started_at - web.log[0].started_at >= 1.0


def test_row_24_what_must_wait_longer_than_a_run_is_left_to_the_ledger(web: FakeWeb) -> None:
    web.fail(A, 429, retry_after="120")
    started = time.monotonic()
    error = failed(web, RateLimited, max_attempts=3)
    assert error.retry_after_seconds == 120.0
    assert (len(web.log), time.monotonic() - started < 1.0) == (1, True)


def test_row_24_a_host_that_asked_for_a_rest_gets_it_from_all_its_pages(web: FakeWeb) -> None:
    web.fail(A, 429, retry_after="120")
    requests = [Request(url=A if n == 0 else f"{A}{n}", obey_robots=False) for n in range(5)]
    found = [outcome for _, outcome in results(web, requests)]
    assert [outcome.reason for outcome in found if isinstance(outcome, Failure)] == ["rate_limited"] * 5
    assert [outcome.attempts for outcome in found] == [1, 0, 0, 0, 0]
    assert all(isinstance(outcome, Failure) and (outcome.retry_after_seconds or 0) > 100 for outcome in found)
    assert len(web.log) == 1


def test_row_24_a_429_doubles_the_delay_of_its_host(web: FakeWeb) -> None:
    web.fail(A, 429)
    web.serve(A, b"x")
    urls = [A, "http://news.example/b", "http://news.example/c"]
    results(web, [Request(url=url, obey_robots=False) for url in urls], host_delay_seconds=0.1)
    gaps = [after.started_at - (before.ended_at or 0.0) for before, after in zip(web.log, web.log[1:], strict=False)]
    assert min(gaps) >= 0.19


def test_row_25_retry_after_as_a_date_in_2099_is_clamped(web: FakeWeb) -> None:
    web.fail(A, 503, retry_after="Thu, 01 Jan 2099 00:00:00 GMT")
    web.serve(A, b"x")
    started = time.monotonic()
    assert get(web, max_attempts=2, retry_after_cap_seconds=0.2).attempts == 2
    assert 0.2 <= time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (http_date(NOW.timestamp() + 60), 60.0),
        (http_date(NOW.timestamp() - 60), 0.0),
        (" 7 ", 7.0),
        ("9" * 5000, 86_400.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("Fri, 31 Feb 2025 00:00:00 GMT", None),
        ("Thu, 16 Oct 99999999999 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_clamped(web: FakeWeb, value: str, seconds: float | None) -> None:
    web.fail(A, 503, retry_after=value)
    assert failed(web, ServerError).retry_after_seconds == seconds


def test_row_26_a_304_is_a_response_without_a_body(web: FakeWeb) -> None:
    web.serve(A, b"text", etag='"1"')
    response = run(web, lambda f: f.get(A, etag='"1"', obey_robots=False))
    assert (response.status, response.body, response.headers["etag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("answer", [head(204, {}), head(200, {"Content-Length": "0", "Content-Encoding": "gzip"})])
def test_row_27_an_empty_answer_is_a_response_with_an_empty_body(web: FakeWeb, answer: bytes) -> None:
    web.raw(A, answer)
    response = get(web)
    assert (response.status in (200, 204), response.body, response.wire_bytes) == (True, b"", 0)


# -- row 28: robots.txt ------------------------------------------------------------------------------------------------

ORIGIN = "http://news.example"


def page(web: FakeWeb, url: str = A, **changes: Any) -> tuple[Response | Failure, list[tuple[int | None, str]]]:
    """Fetch with robots.txt obeyed: the outcome, and what the rows of robots.txt say."""

    async def work(fetcher: Fetcher) -> tuple[Response | Failure, list[tuple[int | None, str]]]:
        [(_, outcome)] = await fetch_all(fetcher, [Request(url=url)])
        return outcome, [(row.status, row.reason) for row in fetcher.robots_fetches]

    found: tuple[Response | Failure, list[tuple[int | None, str]]] = run(web, work, **changes)
    return found


def reason(outcome: Response | Failure) -> str:
    return outcome.reason if isinstance(outcome, Failure) else "ok"


def test_robots_txt_is_asked_once_per_origin_and_obeyed(web: FakeWeb) -> None:
    web.robots(ORIGIN, "User-agent: *\nDisallow: /no")
    web.serve(A, b"x")
    urls = [A, f"{ORIGIN}/no", f"{ORIGIN}/no/2", A + "?2"]
    found = results(web, [Request(url=url) for url in urls])
    assert [reason(outcome) for _, outcome in found] == ["ok", "robots", "robots", "http_gone"]
    assert sorted(web.paths("news.example")) == ["/a", "/a?2", "/robots.txt"]


def test_robots_txt_of_a_redirects_target_is_obeyed(web: FakeWeb) -> None:
    web.redirect(A, "http://other.example/b")
    web.robots("http://other.example", "User-agent: *\nDisallow: /b")
    web.serve("http://other.example/b", b"x")
    outcome, rows = page(web)
    assert (reason(outcome), rows) == ("robots", [(404, "http_gone"), (200, "ok")])
    assert web.paths("other.example") == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_missing_robots_txt_allows_all(web: FakeWeb, status: int) -> None:
    web.robots(ORIGIN, "User-agent: *\nDisallow: /", status=status)
    web.serve(A, b"x")
    assert reason(page(web)[0]) == "ok"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_row_28_an_unavailable_robots_txt_forbids_for_now(web: FakeWeb, status: int) -> None:
    web.robots(ORIGIN, "", status=status)
    web.serve(A, b"x")
    outcome, rows = page(web, max_attempts=2)
    assert isinstance(outcome, Failure)
    assert (outcome.reason, outcome.transient, outcome.attempts) == ("robots_unavailable", True, 0)
    assert outcome.retry_after_seconds == 600.0
    assert [row[0] for row in rows] == [status]
    assert web.paths("news.example") == ["/robots.txt"] * 2


@pytest.mark.parametrize("fault", ["hang", "reset", "close_early"])
def test_row_28_a_robots_txt_that_does_not_come_forbids_for_now(web: FakeWeb, fault: str) -> None:
    getattr(web, fault)(f"{ORIGIN}/robots.txt")
    assert reason(page(web, total_deadline_seconds=0.2)[0]) == "robots_unavailable"


def test_row_28_an_unavailable_robots_txt_is_not_asked_again_for_each_page(web: FakeWeb) -> None:
    web.robots(ORIGIN, "", status=500)
    found = results(web, [Request(url=f"{A}{n}") for n in range(20)])
    assert {reason(outcome) for _, outcome in found} == {"robots_unavailable"}
    assert len(web.log) == 1


@pytest.mark.parametrize("start", [b"User-agent: *\nDisallow: /a\n", b"# nothing\n"])
def test_row_28_of_50_mb_only_500_kib_count(web: FakeWeb, start: bytes) -> None:
    async def send(exchange: Exchange) -> None:
        await exchange.send(head(200, {"Content-Length": str(50 * MIB)}) + start)
        for _ in range(50):
            await exchange.send(b"\n" * MIB)

    web.answer(f"{ORIGIN}/robots.txt", send)
    web.serve(A, b"x")
    started = time.monotonic()
    outcome, rows = page(web)
    assert reason(outcome) == ("robots" if b"/a" in start else "ok")
    assert rows == [(200, "ok")]
    assert time.monotonic() - started < 3.0


def test_row_28_a_robots_bomb_is_read_no_further_than_500_kib(web: FakeWeb) -> None:
    web.serve(f"{ORIGIN}/robots.txt", bomb("br"), headers={"Content-Encoding": "br"})
    web.serve(A, b"x")
    assert reason(page(web)[0]) == "ok"


def test_row_28_crawl_delay_is_obeyed_and_clamped(web: FakeWeb) -> None:
    web.robots(ORIGIN, "User-agent: *\nCrawl-delay: 1e9")
    web.serve(A, b"x")
    started = time.monotonic()
    assert reason(page(web, crawl_delay_cap_seconds=0.2)[0]) == "ok"
    assert 0.2 <= time.monotonic() - started < 2.0
    assert web.log[1].started_at - (web.log[0].ended_at or 0.0) >= 0.2


def test_robots_txt_may_be_redirected(web: FakeWeb) -> None:
    web.redirect(f"{ORIGIN}/robots.txt", "http://other.example/rules")
    web.serve("http://other.example/rules", b"User-agent: *\nDisallow: /")
    assert reason(page(web)[0]) == "robots"


def test_a_robots_txt_behind_a_redirect_to_a_private_address_forbids(web: FakeWeb) -> None:
    web.redirect(f"{ORIGIN}/robots.txt", "http://10.0.0.1/")
    outcome, rows = page(web)
    assert (reason(outcome), rows) == ("robots_unavailable", [(None, "blocked")])


def test_a_robots_txt_with_too_many_redirects_allows_all(web: FakeWeb) -> None:
    for hop in range(9):
        web.redirect(f"{ORIGIN}/{hop}", f"/{hop + 1}")
    web.redirect(f"{ORIGIN}/robots.txt", "/0")
    web.serve(A, b"x")
    assert reason(page(web)[0]) == "ok"


def test_a_dead_host_is_called_by_its_own_reason_not_by_its_robots_txt(web: FakeWeb) -> None:
    assert reason(page(web, resolver=web.resolver(unknown=["news.example"]), max_attempts=3)[0]) == "dns_error"
    private = web.resolver(addresses={"news.example": ["10.0.0.1"] * 9})
    assert reason(page(web, resolver=private)[0]) == "blocked"


def test_get_raises_robots_forbidden_or_unavailable(web: FakeWeb) -> None:
    web.robots(ORIGIN, "User-agent: storywatch\nDisallow: /")
    web.robots("http://down.example", "", status=500)
    with pytest.raises(RobotsForbidden):
        run(web, lambda fetcher: fetcher.get(A))
    with pytest.raises(RobotsUnavailable):
        run(web, lambda fetcher: fetcher.get("http://down.example/"))


# -- politeness --------------------------------------------------------------------------------------------------------


def test_a_host_has_one_request_in_flight_and_a_delay_between_two(web: FakeWeb) -> None:
    for n in range(4):
        web.serve(f"{A}{n}", b"x", delay=0.05)
    web.redirect(f"{A}0", f"{A}4")
    results(web, [Request(url=f"{A}{n}", obey_robots=False) for n in range(4)], host_delay_seconds=0.1)
    assert web.most_in_flight("news.example") == 1
    gaps = [after.started_at - (before.ended_at or 0.0) for before, after in zip(web.log, web.log[1:], strict=False)]
    assert min(gaps) >= 0.1


def test_a_host_that_wants_more_time_than_the_others_gets_it(web: FakeWeb) -> None:
    hosts = ("slow.example", "quick.example")
    urls = [f"http://{host}/{number}" for host in hosts for number in range(3)]
    for url in urls:
        web.serve(url, b"text")
    results(web, [Request(url=url, obey_robots=False) for url in urls], least_delays={"slow.example": 0.3})
    slow, quick = ([hit.started_at for hit in web.hits(host)] for host in hosts)
    assert all(later - earlier >= 0.3 for earlier, later in itertools.pairwise(slow))
    assert max(quick) < max(slow)


def test_gdelt_is_asked_once_in_five_seconds() -> None:
    assert policy().least_delays["api.gdeltproject.org"] == 5.0


def test_hosts_are_fetched_at_the_same_time_up_to_the_limit(web: FakeWeb) -> None:
    urls = [f"http://h{n}.example/" for n in range(12)]
    for url in urls:
        web.serve(url, b"x", delay=0.1)
    results(web, [Request(url=url, obey_robots=False) for url in urls], concurrency=4)
    assert web.most_in_flight() == 4


def test_a_host_that_must_wait_does_not_hold_up_the_others(web: FakeWeb) -> None:
    slow = [Request(url=f"{A}{n}", obey_robots=False) for n in range(20)]
    other = Request(url="http://other.example/", obey_robots=False)
    done: list[str] = []

    async def work(fetcher: Fetcher) -> list[Result]:
        return await fetch_all(fetcher, [*slow, other], lambda result: done.append(result[0].url), deadline_seconds=0.5)

    run(web, work, concurrency=1, host_delay_seconds=0.2)
    assert other.url in done[:3]


def test_a_host_that_only_fails_is_left_alone_for_a_while(web: FakeWeb) -> None:
    for n in range(30):
        web.close_early(f"{A}{n}")
    found = results(web, [Request(url=f"{A}{n}", obey_robots=False) for n in range(30)], host_failures_before_rest=5)
    assert {reason(outcome) for _, outcome in found} == {"connection_error"}
    assert len(web.log) == 5


def test_a_host_whose_name_nobody_knows_is_looked_up_for_one_page_only(web: FakeWeb) -> None:
    resolver = web.resolver(unknown=("nowhere.example",))
    requests = [Request(url=f"http://nowhere.example/{n}", obey_robots=False) for n in range(10)]

    async def work() -> list[Result]:
        policy = FetchPolicy(user_agent="test", host_delay_seconds=0, max_attempts=1)
        async with Fetcher(policy, resolver=resolver) as fetcher:
            return await fetch_all(fetcher, requests, on_result=lambda _: None, deadline_seconds=20)

    found = asyncio.run(work())
    assert [reason(outcome) for _, outcome in found] == ["dns_error"] * 10
    assert resolver.looked_up == ["nowhere.example"]


def test_results_keep_the_order_of_the_requests(web: FakeWeb) -> None:
    urls = [f"http://h{n}.example/" for n in range(6)]
    for n, url in enumerate(urls):
        web.serve(url, str(n), delay=0.05 * (6 - n))
    seen: list[str] = []
    requests = [Request(url=url, obey_robots=False) for url in urls]
    found = run(web, lambda fetcher: fetch_all(fetcher, requests, lambda result: seen.append(result[0].url)))
    assert [request.url for request, _ in found] == urls
    assert [outcome.body for _, outcome in found] == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert sorted(seen) == urls


def test_what_is_not_done_by_the_deadline_is_left_out(web: FakeWeb) -> None:
    web.serve(A, b"x")
    web.hang("http://slow.example/")
    requests = [Request(url=url, obey_robots=False) for url in ("http://slow.example/", A)]
    started = time.monotonic()
    assert [request.url for request, _ in results(web, requests, deadline=0.3)] == [A]
    assert time.monotonic() - started < 1.5


def test_no_requests_give_no_results(web: FakeWeb) -> None:
    assert results(web, []) == []


def test_a_bug_is_raised_and_ends_the_batch(web: FakeWeb) -> None:
    web.serve(A, b"x")
    web.hang("http://slow.example/")
    requests = [Request(url=url, obey_robots=False) for url in ("http://slow.example/", A)]

    def broken(result: Result) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(web, lambda fetcher: fetch_all(fetcher, requests, broken))


def test_a_cancelled_batch_leaves_nothing_open(web: FakeWeb) -> None:
    for n in range(5):
        web.hang(f"http://h{n}.example/")
    requests = [Request(url=f"http://h{n}.example/", obey_robots=False) for n in range(5)]

    async def work(fetcher: Fetcher) -> int:
        batch = asyncio.create_task(fetch_all(fetcher, requests))
        while len(web.log) < 5:  # noqa: ASYNC110  # written by another thread
            await asyncio.sleep(0.01)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        return len(asyncio.all_tasks())

    assert run(web, work) == 1


def test_a_queue_for_one_host_shares_its_connection_and_the_last_one_closes_it(web: FakeWeb) -> None:
    urls = [f"{A}{n}" for n in range(3)]
    for url in urls:
        web.serve(url, b"x")
    results(web, [Request(url=url, obey_robots=False) for url in urls])
    assert [hit.headers.get("connection") == "close" for hit in web.log] == [False, False, True]


def test_an_idle_connection_that_the_server_ended_costs_no_attempt(web: FakeWeb) -> None:
    async def once(exchange: Exchange) -> None:
        exchange.keep_open = exchange.number == 1  # and ends the connection at the next request
        if exchange.keep_open:
            await exchange.send(head(200, {"Content-Length": "1"}) + b"x")

    for n in range(3):
        web.answer(f"{A}{n}", once)
    found = results(web, [Request(url=f"{A}{n}", obey_robots=False) for n in range(3)])
    assert [(reason(outcome), outcome.attempts) for _, outcome in found] == [("ok", 1)] * 3
    assert len(web.log) > 3


def test_a_thousand_requests_hold_no_more_sockets_than_are_in_flight(web: FakeWeb) -> None:
    requests = [Request(url=f"http://h{n % 100}.example/{n}", obey_robots=False) for n in range(1000)]
    found = results(web, requests, concurrency=8)
    assert {reason(outcome) for _, outcome in found} == {"http_gone"}
    assert len(web.log) == 1000
    assert web.most_in_flight() <= 8


def test_the_network_guard_of_the_tests_refuses_the_outside() -> None:
    with socket.socket() as probe, pytest.raises(AssertionError, match=r"8\.8\.8\.8"):
        probe.connect(("8.8.8.8", 80))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(AssertionError):
        probe.sendto(b"x", ("10.0.0.1", 53))
    with pytest.raises(AssertionError, match=r"news\.example"):
        socket.getaddrinfo("news.example", 80)
