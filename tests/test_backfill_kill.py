"""A backfill over 60 days, killed five times on the way: every planted page is found once, and nothing is asked twice.

The server decides when: after so many answers it holds back all further ones. When the backfill has put on disk what it
was answered, it is killed with SIGKILL, with requests open. What the server had answered, it must never be asked again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from flows.spool import Spool
from tests import archive_site
from tests.fakeweb import Exchange, FakeWeb, head
from warehouse import connect, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
# Answers, counted over all starts, after which the server falls silent: twice among sitemaps, three times among pages.
KILLS_AT = (25, 110, 203, 243, 289)
PATIENCE_SECONDS = 120.0

BACKFILL = """
import sys
from datetime import date
from pathlib import Path
from flows.backfill_run import Order, backfill
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import LoopbackResolver
folder, port = Path(sys.argv[1]), int(sys.argv[2])
resolver = LoopbackResolver({80: port}, addresses={}, unknown=set())
settings = Settings(data_dir=folder / "data", feeds_file=folder / "feeds.toml", host_delay_seconds=0)
order = Order(since=date(2025, 10, 14), until=date(2025, 12, 12))
report = backfill(prepare(settings, World(resolver=resolver)), order)
print(report.status)
"""


class Archive:
    """The archive on the web, which falls silent after `silent_after` answers."""

    def __init__(self, web: FakeWeb) -> None:
        self.answered: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.silent_after = 0
        self.is_silent = threading.Event()
        for url, body in archive_site.documents().items():
            web.answer(url, partial(self._answer, url, body.encode()))

    async def _answer(self, url: str, body: bytes, exchange: Exchange) -> None:
        self.asked[url] += 1
        if self.answered.total() >= self.silent_after:
            self.is_silent.set()
            await exchange.sleep(3600)
        self.answered[url] += 1
        fields = {**archive_site.content_type(url), "Content-Length": str(len(body)), "Connection": "close"}
        await exchange.send(head(200, fields) + body)

    def falls_silent_after(self, answers: int) -> None:
        self.is_silent.clear()
        self.silent_after = answers


def start(folder: Path, web: FakeWeb) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BACKFILL, str(folder), str(web.http_port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def on_disk(data_dir: DataDir) -> set[str]:
    """The URLs whose answer a backfill has kept: decided, asked as a slice, or in a spool."""
    with connect.reader(data_dir, wait_seconds=PATIENCE_SECONDS) as con:
        kept = {str(row[0]) for row in read.query(con, "SELECT url FROM entry WHERE outcome <> 'pending'")[1]}
        kept |= {one.url for one in read.slices(con) if one.url and one.attempts}
    for name in ("pages", "slices"):
        for path in (data_dir.private / name).glob("*.answers"):
            kept |= {request.url for request, _ in Spool.results(path)}
    return kept


def wait_until_kept(archive: Archive, data_dir: DataDir) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while missing := set(archive.answered) - on_disk(data_dir):
        assert time.monotonic() < ends, f"answered, and not kept: {sorted(missing)}"
        time.sleep(0.05)


@pytest.mark.timeout(600)
def test_a_backfill_killed_five_times_finds_every_planted_page_once_and_asks_nothing_twice(tmp_path: Path) -> None:
    archive_site.write_feeds(tmp_path)
    data_dir = DataDir(tmp_path / "data")
    with FakeWeb() as web:
        archive = Archive(web)
        for answers in KILLS_AT:
            archive.falls_silent_after(answers)
            with start(tmp_path, web) as running:
                assert archive.is_silent.wait(PATIENCE_SECONDS), f"it ended before its answer {answers}"
                wait_until_kept(archive, data_dir)
                running.kill()
            assert running.returncode == -signal.SIGKILL
        archive.falls_silent_after(10**9)
        with start(tmp_path, web) as running:
            assert running.stdout is not None
            assert running.stdout.read() == "completed\n"

    planted = {page.url for page in archive_site.pages() if page.on_story}
    with connect.reader(data_dir, wait_seconds=5) as con:
        loaded = [str(row[0]) for row in read.query(con, "SELECT entry_url FROM article")[1]]
        runs = Counter(row[0] for row in read.query(con, "SELECT status FROM run WHERE command = 'backfill'")[1])
        discovered, outcomes = read.ledger_counts(con)
        slices = Counter(one.state.value for one in read.slices(con))
    assert len(planted) == 2 * archive_site.DAYS
    assert sorted(loaded) == sorted(planted)
    assert runs == {"crashed": len(KILLS_AT), "completed": 1}
    assert outcomes == {"loaded": len(planted), "off_story": discovered - len(planted)}
    assert slices == {"found": len(archive_site.HOSTS) * (1 + archive_site.DAYS)}
    # Each document was answered once. What was asked more than once was open when the backfill was killed.
    sitemaps = {url for url in archive.answered if url.endswith(".xml")}
    assert set(archive.answered) - sitemaps == planted
    assert max(archive.answered.values()) == 1
    assert archive.asked.total() - archive.answered.total() <= len(KILLS_AT) * len(archive_site.HOSTS)
    assert list((data_dir.private / "pages").iterdir()) == list((data_dir.private / "slices").iterdir()) == []
