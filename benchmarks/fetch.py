"""What politeness, bounds and guards cost: our fetching against a bare aiohttp loop, over the same server.

    python -m benchmarks.fetch [REPETITIONS]

Two jobs: asking 300 feeds again that have not changed (304), and fetching 1,000 new pages of 100 hosts. Both sides have
the same limits: requests in flight over all and per host, no delay between requests, a total deadline. Ours asks for
robots.txt besides, judges addresses and decodes within bounds; the bare loop does none of that. The server is a process
of its own; the sides take turns, and medians over the repetitions are printed.
"""

from __future__ import annotations

import asyncio
import gzip
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import aiohttp

from benchmarks.realweb import EVERYTHING
from extractors.http import Request
from extractors.records import FeedState
from flows.polling import FEED_ACCEPT, poll
from flows.settings import Settings
from flows.watch import Watch, WebSession, prepare
from flows.world import World
from tests.fakeweb import LoopbackResolver

FEEDS = [f"http://feeds-{n}.example/rss" for n in range(300)]
PAGES = [f"http://pages-{n % 100}.example/{n}" for n in range(1000)]
PAGE_BYTES = 188_000  # decoded: the median of 323 real news pages; 41,000 in gzip
ETAG = '"unchanged"'
REPETITIONS = 9
TARGETS = {"re-poll of 300 unchanged feeds": 1.5, "fetching 1,000 new pages": 1.3}


class Answering(asyncio.Protocol):
    """304 to whoever has the validator, 404 for robots.txt, a page in gzip for everything else."""

    words = Random(7).choices([f"word{n}" for n in range(4000)], k=PAGE_BYTES // 8)
    page = gzip.compress(f"<html><body><p>{' '.join(words)}</p></body></html>".encode())
    unchanged = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n".encode()
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
    found = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(page)}\r\n"
    ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.head = transport, b""

    def data_received(self, data: bytes) -> None:
        self.head += data
        if not self.head.endswith(b"\r\n\r\n"):
            return
        head, self.head = self.head.lower(), b""
        closing = b"connection: close" in head
        end = b"Connection: close\r\n\r\n" if closing else b"\r\n"
        if b"if-none-match" in head:
            self.transport.write(self.unchanged + end)
        elif head.startswith(b"get /robots.txt"):
            self.transport.write(self.missing + end)
        else:
            self.transport.write(self.found + end + self.page)
        if closing:
            self.transport.close()


async def serve() -> None:
    """Print the port, and answer until killed."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def bare(urls: Sequence[str], headers: Mapping[str, str], port: int, settings: Settings) -> int:
    """The least that keeps the same limits. Returns the number of answers."""
    slots = asyncio.Semaphore(settings.concurrency)
    lines: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    connector = aiohttp.TCPConnector(resolver=resolver(port), limit=0)  # type: ignore[arg-type]  # of its kind
    timeout = aiohttp.ClientTimeout(total=settings.fetch_deadline_seconds)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:

        async def one(url: str) -> int:
            async with lines[url.split("/")[2]], slots, session.get(url) as reply:
                await reply.read()
                return reply.status

        statuses = await asyncio.gather(*map(one, urls))
    return sum(status in (200, 304) for status in statuses)


def ours_polling(watch: Watch) -> int:
    """The stage of the pipe, from the feeds' states to what is left of them."""
    now = watch.world.clock()  # a feed without a recent whole answer would be asked without its validator
    states = {url: FeedState(feed_url=url, etag=ETAG, full_fetch_at=now) for url in FEEDS}
    with WebSession(watch.settings, watch.world) as web:
        return poll(watch, web, states).unchanged


def ours_fetching(watch: Watch) -> int:
    """All pages in one call, robots.txt included."""
    with WebSession(watch.settings, watch.world) as web:
        done = web.fetch_all([Request(url=url) for url in PAGES], lambda _: None, 600.0)
    return sum(getattr(answer, "status", None) == 200 for _, answer in done)


def resolver(port: int) -> LoopbackResolver:
    """Every name leads to the server."""
    return LoopbackResolver({80: port}, addresses={}, unknown=set())


def seconds_of(work: object, expected: int) -> float:
    """Wall time of a call that must return `expected`."""
    assert callable(work)
    started = time.perf_counter()
    done = work()
    spent = time.perf_counter() - started
    assert done == expected, f"{done} of {expected}"
    return spent


def main() -> None:
    """Measure and print. Exits with 1 when a target is missed."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fetch", "--serve"], stdout=subprocess.PIPE, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            missed = measure(Path(folder), int(server.stdout.readline()), repetitions)
        finally:
            server.kill()
    sys.exit(1 if missed else 0)


def measure(root: Path, port: int, repetitions: int) -> bool:
    """Both jobs, both sides in turn; whether a target was missed."""
    (root / "feeds.toml").write_text("".join(f'[[feed]]\nname = "{url}"\nurl = "{url}"\n' for url in FEEDS), "utf-8")
    (root / "story.toml").write_text(EVERYTHING, "utf-8")
    settings = Settings(
        data_dir=root / "data", feeds_file=root / "feeds.toml", story_file=root / "story.toml", host_delay_seconds=0
    )
    watch = prepare(settings, World(resolver=resolver(port)))
    common = {"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate, br, zstd"}
    asking = {**common, "Accept": FEED_ACCEPT, "If-None-Match": ETAG}
    jobs = {
        "re-poll of 300 unchanged feeds": (
            lambda: ours_polling(watch),
            lambda: asyncio.run(bare(FEEDS, asking, port, settings)),
            len(FEEDS),
        ),
        "fetching 1,000 new pages": (
            lambda: ours_fetching(watch),
            lambda: asyncio.run(bare(PAGES, common, port, settings)),
            len(PAGES),
        ),
    }
    missed = False
    for name, (ours, other, expected) in jobs.items():
        for work in (ours, other):
            seconds_of(work, expected)  # what is only done once
        times = [(seconds_of(ours, expected), seconds_of(other, expected)) for _ in range(repetitions)]
        ratio = statistics.median(mine / bares for mine, bares in times)
        mine, bares = (statistics.median(side) for side in zip(*times, strict=True))
        missed |= ratio > TARGETS[name]
        print(f"{name}: {mine:.3f} s, bare aiohttp {bares:.3f} s: {ratio:.2f} times as long (at most {TARGETS[name]})")
    return missed


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    main()
