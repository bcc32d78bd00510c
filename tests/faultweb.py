"""The faults of the web as data: what is planted where, and what the tables must say of it afterwards.

Each fault has a host of its own, with a sound neighbour beside it, so that one run meets all of them at once. Row
numbers are those of the list of faults that a run must survive.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path

from extractors.records import FetchKind
from tests.fakeweb import FakeWeb, LoopbackResolver, bomb, head
from tests.test_collecting import story

LISTING = "http://steady.example/rss"
HTML = {"Content-Type": "text/html; charset=utf-8"}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
MIB = 2**20
# Texts of pages that stand in an article's place (row 39).
WALL = (
    "We and our 310 partners store and access information on your device. You can withdraw your consent. Choose "
    "Accept all to agree to personalised advertising, or manage your preferences. See our privacy policy. "
)
PRIVATE = ("private.example", "mapped.example", "nat64.example", "sixtofour.example", "turning.example")

Plant = Callable[[FakeWeb, str], None]


@dataclass(frozen=True)
class Fault:
    """`plant` makes the web show the fault at an address; `reason` is what the tables say of that address."""

    row: int
    name: str
    plant: Plant
    outcome: str  # of a page: outcome in the ledger; of a feed or a robots.txt: outcome of the page that it leads to
    reason: str  # of a page: reason in the ledger; of a feed or a robots.txt: reason of its row of `fetch`
    kind: FetchKind = FetchKind.PAGE
    host: str = ""  # empty: made from row and name
    has_neighbour: bool = True  # whether other pages of the host are answered within the run
    also: str = ""  # the other reason that a page may have, where it depends on the speed of the machine

    @property
    def origin(self) -> str:
        return f"http://{self.host or f'{self.kind}-{self.row}-{self.name}.example'}"

    @property
    def url(self) -> str:
        """The address that is at fault."""
        return (
            self.origin + {FetchKind.PAGE: "/page", FetchKind.FEED: "/rss", FetchKind.ROBOTS: "/robots.txt"}[self.kind]
        )

    @property
    def page(self) -> str:
        """The page on the host that the fault itself or the feed at fault leads to."""
        return f"{self.origin}/page"

    @property
    def neighbour(self) -> str:
        """A sound page on the same host."""
        return f"{self.origin}/neighbour"


def html(text: str, title: str = "On something") -> str:
    return f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>"


def rss(items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


def item(link: str, title: str = "On something", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


@cache
def bomb_of(coding: str) -> bytes:
    return bomb(coding)


# -- what is planted -----------------------------------------------------------------------------------------------


def raw(answer: bytes) -> Plant:
    return lambda web, url: web.raw(url, answer)


def sent(body: bytes | str, *, status: int = 200, **headers: str) -> Plant:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda web, url: web.serve(url, body, status=status, headers={**HTML, **fields})


def exploding(coding: str) -> Plant:
    return lambda web, url: web.serve(url, bomb_of(coding), headers={"Content-Encoding": coding, **HTML})


def failing(status: int, retry_after: str | None = None, times: int = 9) -> Plant:
    return lambda web, url: web.fail(url, status, retry_after=retry_after, times=times)


def hopping(hops: int) -> Plant:
    def plant(web: FakeWeb, url: str) -> None:
        for hop in range(hops):
            web.redirect(url if hop == 0 else f"{url}/{hop}", f"{url}/{hop + 1}")

    return plant


def loop(web: FakeWeb, url: str) -> None:
    web.redirect(url, f"{url}/again")
    web.redirect(f"{url}/again", url)


def leading(location: str) -> Plant:
    return lambda web, url: web.redirect(url, location)


def dripping(start: bytes) -> Plant:
    return lambda web, url: web.drip(url, start)


def rests_then_answers(web: FakeWeb, url: str) -> None:
    web.fail(url, 429, retry_after="1")
    web.serve(url, html(story(2400)), headers=HTML)


def turns_private(web: FakeWeb, url: str) -> None:
    web.redirect(url, url.replace(".example", ".example:8080"))


def nested(depth: int, tag: str) -> str:
    return f"<html><head><title>Deep</title></head><body>{f'<{tag}>' * depth}<p>{story(depth)}</p></body></html>"


GIANT = html(f"{story(3802)}</p>{'word ' * (2 * MIB)}<p>{story(3803)}")
TABLES = "<table><tr><td>" * 100
CUT = f"<html><head><title>Cut</title></head><body><article><p>{story(3905)}</p><p>and then the pa"
ENDLESS = b"<html><body><table><tr>" + b"<td>a word" * 500_000 + b"</table></body></html>"


def _page(row: int, name: str, plant: Plant, outcome: str, reason: str, host: str = "", beside: bool = True) -> Fault:
    return Fault(row, name, plant, outcome, reason, host=host, has_neighbour=beside)


PAGE_FAULTS = (
    _page(1, "hangs", FakeWeb.hang, "failed", "timeout"),
    _page(2, "drips-head", dripping(b"HTTP/1.1 200 OK\r\nX-Drip: "), "failed", "timeout"),
    _page(3, "drips-body", dripping(head(200, {"Content-Length": "100000"})), "failed", "timeout"),
    _page(4, "endless", FakeWeb.endless, "failed", "too_large"),
    _page(4, "announced", raw(OK + b"Content-Length: 99999999999\r\n\r\n"), "failed", "too_large"),
    _page(5, "gzip-bomb", exploding("gzip"), "failed", "too_large"),
    _page(6, "brotli-bomb", exploding("br"), "failed", "too_large"),
    _page(7, "zstd-bomb", exploding("zstd"), "failed", "too_large"),
    _page(
        8,
        "stacked",
        sent(gzip.compress(zlib.compress(html(story(800)).encode())), Content_Encoding="deflate, gzip"),
        "loaded",
        "independent",
    ),
    _page(8, "over-stacked", sent(b"x", Content_Encoding="gzip, gzip, gzip, gzip"), "failed", "decode_error"),
    _page(
        8,
        "gzip-in-gzip",
        sent(gzip.compress(gzip.compress(html(story(801)).encode())), Content_Encoding="gzip"),
        "not_article",
        "unsupported_type",
    ),
    _page(9, "broken-gzip", sent(b"\x1f\x8b\x08" + b"no" * 99, Content_Encoding="gzip"), "failed", "decode_error"),
    _page(
        10,
        "cut-gzip",
        sent(gzip.compress(html(story(1000)).encode())[:-10], Content_Encoding="gzip"),
        "failed",
        "truncated",
    ),
    _page(11, "short", raw(OK + b"Content-Length: 100\r\n\r\nhello"), "failed", "truncated"),
    _page(11, "cut-chunk", raw(CHUNKED + b"50\r\nhello"), "failed", "truncated"),
    _page(12, "reset", FakeWeb.reset, "failed", "connection_error"),
    _page(13, "closed", FakeWeb.close_early, "failed", "connection_error"),
    _page(14, "garbage", raw(b"\x00\x01 blah\r\n\r\n"), "failed", "protocol_error"),
    _page(15, "bad-chunk", raw(CHUNKED + b"ZZZ\r\nhello\r\n"), "failed", "protocol_error"),
    _page(
        16,
        "two-framings",
        raw(OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        "failed",
        "protocol_error",
    ),
    _page(17, "long-header", raw(OK + b"X: " + b"a" * 200_000 + b"\r\n\r\n"), "failed", "protocol_error"),
    _page(18, "many-headers", raw(OK + b"X: y\r\n" * 5000 + b"\r\n"), "failed", "protocol_error"),
    _page(19, "loop", loop, "failed", "too_many_redirects"),
    _page(20, "hops", hopping(25), "failed", "too_many_redirects"),
    _page(21, "to-private", leading("http://10.0.0.1/"), "refused", "blocked"),
    _page(21, "to-file", leading("file:///etc/hosts"), "refused", "blocked"),
    _page(21, "to-disguised", leading("http://2130706433/"), "refused", "blocked"),
    _page(22, "private", FakeWeb.hang, "refused", "blocked", "private.example", beside=False),
    _page(22, "mapped", FakeWeb.hang, "refused", "blocked", "mapped.example", beside=False),
    _page(22, "nat64", FakeWeb.hang, "refused", "blocked", "nat64.example", beside=False),
    _page(22, "6to4", FakeWeb.hang, "refused", "blocked", "sixtofour.example", beside=False),
    _page(23, "turning", turns_private, "refused", "blocked", "turning.example"),
    _page(24, "429", rests_then_answers, "loaded", "independent"),
    _page(25, "503-2099", failing(503, "Fri, 16 Oct 2099 00:00:00 GMT"), "failed", "server_error", beside=False),
    _page(26, "304-unasked", sent(b"", status=304), "failed", "http_error"),
    _page(27, "204", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "not_article", "empty_body"),
    _page(27, "empty-200", sent(b""), "not_article", "empty_body"),
    _page(38, "nesting", sent(nested(300, "div")), "loaded", "independent"),
    _page(
        38, "tables", sent(f"<html><title>Tables</title><body>{TABLES}<p>{story(3801)}</p>"), "loaded", "independent"
    ),
    Fault(38, "giant-node", sent(GIANT), "failed", "extraction_lost", also="extraction_killed"),
    _page(
        39, "challenge", sent(html("Verify that you are human.", "Just a moment...")), "not_article", "bot_challenge"
    ),
    _page(39, "cookie-wall", sent(html(WALL * 2, "The Lantern")), "not_article", "consent"),
    _page(
        39,
        "paywall",
        sent(html("The board met on Monday. Subscribe to continue reading.", "Ferry talks")),
        "not_article",
        "paywall_stub",
    ),
    _page(39, "soft-404", sent(html("Nothing here.", "Page not found")), "not_article", "soft_404"),
    _page(
        39,
        "cut-page",
        raw(OK + b"Content-Length: 9999\r\nContent-Type: text/html\r\n\r\n" + CUT.encode()),
        "failed",
        "truncated",
    ),
    _page(40, "endless-work", sent(ENDLESS), "failed", "extraction_killed"),
    _page(41, "nul", sent(html(story(4100)).replace(" spoke", "\0 spoke")), "loaded", "independent"),
    _page(41, "surrogates", sent(html(story(4101) + "&#xD800; &#x110000;")), "loaded", "independent"),
    _page(41, "bad-utf-8", sent(html(story(4102)).encode() + b"\xff\xfe\xc3("), "loaded", "independent"),
)


def _feed(row: int, name: str, plant: Plant, reason: str, outcome: str = "") -> Fault:
    return Fault(row, name, plant, outcome, reason, kind=FetchKind.FEED)


def showing(body: Callable[[str], str | bytes], content_type: str = "text/xml") -> Plant:
    """A feed made from the address of the one page that it leads to."""

    def plant(web: FakeWeb, url: str) -> None:
        web.serve(url, body(url.replace("/rss", "/page")), headers={"Content-Type": content_type})

    return plant


BILLION = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://outside.example/">]>'


def _after_declaration(doctype: str, feed: str) -> str:
    return feed.replace("?>", f"?>{doctype}", 1)


FEED_FAULTS = (
    _feed(1, "hangs", FakeWeb.hang, "timeout"),
    _feed(3, "drips", dripping(head(200, {"Content-Length": "100000"})), "timeout"),
    _feed(4, "endless", FakeWeb.endless, "too_large"),
    _feed(5, "gzip-bomb", exploding("gzip"), "too_large"),
    _feed(6, "brotli-bomb", exploding("br"), "too_large"),
    _feed(7, "zstd-bomb", exploding("zstd"), "too_large"),
    _feed(9, "broken-gzip", sent(b"\x1f\x8b\x08" + b"no" * 99, Content_Encoding="gzip"), "decode_error"),
    _feed(10, "cut-gzip", sent(gzip.compress(rss("").encode())[:-10], Content_Encoding="gzip"), "truncated"),
    _feed(11, "short", raw(OK + b"Content-Length: 100\r\n\r\n<rss>"), "truncated"),
    _feed(12, "reset", FakeWeb.reset, "connection_error"),
    _feed(13, "closed", FakeWeb.close_early, "connection_error"),
    _feed(14, "garbage", raw(b"\x00\x01 blah\r\n\r\n"), "protocol_error"),
    _feed(15, "bad-chunk", raw(CHUNKED + b"ZZZ\r\nhello\r\n"), "protocol_error"),
    _feed(18, "many-headers", raw(OK + b"X: y\r\n" * 5000 + b"\r\n"), "protocol_error"),
    _feed(19, "loop", loop, "too_many_redirects"),
    _feed(21, "to-file", leading("file:///etc/hosts"), "blocked"),
    _feed(24, "429", failing(429, "600"), "rate_limited"),
    _feed(25, "503-2099", failing(503, "Fri, 16 Oct 2099 00:00:00 GMT"), "server_error"),
    _feed(27, "204", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "empty"),
    _feed(27, "empty-200", sent(b""), "empty"),
    _feed(29, "path", showing(lambda page: "/etc/passwd"), "not_a_feed"),
    _feed(29, "address", showing(lambda page: "http://outside.example/rss"), "not_a_feed"),
    _feed(
        30, "entity-bomb", showing(lambda page: _after_declaration(BILLION, rss(item(page, "A &c;")))), "ok", "loaded"
    ),
    _feed(
        30, "external", showing(lambda page: _after_declaration(EXTERNAL, rss(item(page, "B &x;&y;")))), "ok", "loaded"
    ),
    _feed(
        31,
        "impossible",
        showing(lambda page: rss(item("http://other.example/x", "&#xD800; &#x110000;") + item(page))),
        "ok",
        "loaded",
    ),
    _feed(32, "bad-byte", showing(lambda page: rss(item(page, "Żółw")).encode() + b"\xff"), "ok", "loaded"),
    _feed(
        33,
        "header-charset",
        showing(lambda page: rss(item(page, "Привет из порта")).encode("cp1251"), "text/xml; charset=windows-1251"),
        "ok",
        "loaded",
    ),
    _feed(33, "utf-16", showing(lambda page: rss(item(page, "Żółw")).encode("utf-16")), "ok", "loaded"),
    _feed(
        34,
        "attributes",
        showing(lambda page: rss("<x " + " ".join(f'a{n}="1"' for n in range(45_000)) + "/>" + item(page))),
        "not_a_feed",
    ),
    _feed(34, "comments", showing(lambda page: rss(item(page) + "<!--" * 125_000)), "ok", "loaded"),
    _feed(35, "html", sent(html("Welcome", "The Lantern")), "not_a_feed"),
    _feed(35, "json", sent(b'{"a": 1}'), "not_a_feed"),
    _feed(35, "gzip", showing(lambda page: gzip.compress(rss(item(page)).encode())), "not_a_feed"),
    _feed(36, "no-date", showing(lambda page: rss(item(page))), "ok", "loaded"),
    _feed(
        36,
        "bad-date",
        showing(lambda page: rss(item(page, more="<pubDate>Thu, 16 Oct 2025 10:00:00 +99:99</pubDate>"))),
        "ok",
        "loaded",
    ),
    _feed(37, "javascript", showing(lambda page: rss(item("javascript:alert(1)") + item(page))), "ok", "loaded"),
    _feed(37, "guid-twice", showing(lambda page: rss(item(page, more="<guid>g</guid>") * 2)), "ok", "loaded"),
    _feed(41, "nul", showing(lambda page: rss(item(page, "a\0b")).encode() + b"\0"), "ok", "loaded"),
)


def _robots(name: str, plant: Plant, reason: str, outcome: str) -> Fault:
    return Fault(28, name, plant, outcome, reason, kind=FetchKind.ROBOTS)


ROBOTS_FAULTS = (
    _robots("500", failing(500), "server_error", "refused"),
    _robots("hangs", FakeWeb.hang, "timeout", "refused"),
    _robots("50-mb", sent(b"# rule\n" * (50 * MIB // 7)), "ok", "loaded"),
    _robots("bomb", exploding("gzip"), "ok", "loaded"),
    _robots("no-rules", sent(b"\xff\xfe\0\0" * 999), "ok", "loaded"),
)

FAULTS = (*PAGE_FAULTS, *FEED_FAULTS, *ROBOTS_FAULTS)


# -- the web and its feeds -------------------------------------------------------------------------------------------


def serve_faults(web: FakeWeb, faults: Iterable[Fault], feeds_file: Path) -> None:
    """Plant each fault with its neighbours, and write the feeds.toml that leads to all of them."""
    listed, feeds = [], [LISTING]
    for number, fault in enumerate(faults):
        fault.plant(web, fault.url)
        if fault.kind is not FetchKind.PAGE:
            web.serve(fault.page, html(story(10_000 + number), f"Page {number}"), headers=HTML)
        if fault.kind is FetchKind.FEED:
            feeds.append(fault.url)
        else:
            listed.append(fault.page)
        if fault.kind is FetchKind.PAGE and fault.has_neighbour:
            web.serve(fault.neighbour, html(story(20_000 + number), f"Neighbour {number}"), headers=HTML)
            listed.append(fault.neighbour)
    web.serve(LISTING, rss("".join(map(item, listed))), headers={"Content-Type": "text/xml"}, etag='"1"')
    feeds_file.write_text("".join(f'[[feed]]\nname = "{url}"\nurl = "{url}"\n\n' for url in feeds), "utf-8")


def resolver(web: FakeWeb) -> LoopbackResolver:
    """All names lead to the web, but those of rows 22 and 23: to what no publisher has."""
    return web.resolver(
        addresses={
            "private.example": repeat("10.0.0.1 192.168.0.1"),
            "mapped.example": repeat("::ffff:10.0.0.1"),
            "nat64.example": repeat("64:ff9b::7f00:1"),
            "sixtofour.example": repeat("2002:7f00:1::"),
            "turning.example": iter(["127.0.0.1", *["10.0.0.1"] * 99]),
        }
    )
