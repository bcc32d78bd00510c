"""A soak: 300 feeds and 3,000 pages on 100 hosts, one in ten at fault in every way, through the whole pipe, twice.

The server is a process of its own, so that neither its memory nor its share of the processor counts. Longer:
STORYWATCH_SOAK_SCALE=10 python -m pytest tests/test_soak.py
"""

from __future__ import annotations

import functools
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.http import FetchPolicy
from extractors.records import RunReport
from flows import pipeline, watch
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import LoopbackResolver
from tests.soakweb import FEEDS_PER_HOST, HOSTS, PAGES_PER_FEED
from tests.test_faults import Rows, dump, query
from warehouse import connect

SCALE = float(os.environ.get("STORYWATCH_SOAK_SCALE", "1"))
pytestmark = [pytest.mark.soak, pytest.mark.timeout(300 * max(1.0, SCALE))]
NOW = datetime(2025, 10, 20, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
MOST_GROWN_KIB = 150 * 1024


class Memory:
    """The most that this process held while watched, in KiB; sampled, because the kernel's own peak never falls."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.start = self.peak = self._now()

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @staticmethod
    def _now() -> int:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() // 1024

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, self._now())


@dataclass
class Soaked:
    """What was planted, what two runs left behind, and what the server saw."""

    planted: dict[str, dict[str, str]]
    reports: list[RunReport]
    dumps: list[dict[str, Rows]]
    seconds: float
    grown_kib: int
    data_dir: connect.DataDir
    log: list[tuple[str, float, float | None, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    root = tmp_path_factory.mktemp("soak")
    (root / "story.toml").write_text(EVERYTHING, "utf-8")
    command = [sys.executable, "-m", "tests.soakweb", str(SCALE), str(root / "feeds.toml")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        planted = json.loads(server.stdout.readline())
        settings = Settings(
            data_dir=root / "data",
            feeds_file=root / "feeds.toml",
            story_file=root / "story.toml",
            host_delay_seconds=0,
            fetch_deadline_seconds=2,
            max_attempts=1,
            max_pages_per_run=100_000,
            run_deadline_seconds=3600,
        )
        reports, dumps = [], []
        started = time.monotonic()
        with Memory() as memory, pytest.MonkeyPatch.context() as patch:
            patch.setattr(watch, "FetchPolicy", functools.partial(FetchPolicy, retry_base_seconds=0.05))
            for now in (NOW, NOW + timedelta(days=2)):
                resolver = LoopbackResolver({80: planted["port"]}, addresses={}, unknown=set())
                world = World(resolver=resolver, clock=lambda now=now: now)  # type: ignore[misc]
                reports.append(pipeline.run(prepare(settings, world), command="test"))
                dumps.append(dump(connect.DataDir(root / "data")))
        seconds = time.monotonic() - started
        server.stdin.close()
        log = [tuple(row) for row in json.loads(server.stdout.read())]
    grown = memory.peak - memory.start
    print(f"\nsoak: {seconds:.0f} s, {grown // 1024} MiB over the start, {len(log)} requests")
    for report in reports:
        print({stage: round(spent, 1) for stage, spent in report.stage_seconds.items()})
    return Soaked(planted, reports, dumps, seconds, grown, connect.DataDir(root / "data"), log)


def test_it_ends_with_a_balanced_ledger_of_all_pages(soaked: Soaked) -> None:
    for report in soaked.reports:
        assert report.status == "completed", report.detail
        assert report.ledger_discovered == sum(report.ledger_outcomes.values())
    assert soaked.reports[0].ledger_discovered == round(HOSTS * SCALE) * FEEDS_PER_HOST * PAGES_PER_FEED
    assert soaked.reports[1].ledger_outcomes == soaked.reports[0].ledger_outcomes


def test_every_page_has_the_reason_of_what_was_planted(soaked: Soaked) -> None:
    told = {row[0]: row[1:] for row in query(soaked.data_dir, "SELECT url, reason, outcome FROM entry")}
    wrong = {url: (reason, told[url]) for url, reason in soaked.planted["pages"].items() if reason not in told[url]}
    assert wrong == {}


def test_every_feed_and_robots_txt_has_the_reason_of_what_was_planted(soaked: Soaked) -> None:
    rows = query(
        soaked.data_dir, 'SELECT url, reason, run_id FROM "fetch" WHERE run_id = (SELECT min(run_id) FROM run)'
    )
    told = {row[0]: row[1] for row in rows}
    planted = {**soaked.planted["feeds"], **soaked.planted["robots"]}
    assert {url: (reason, told.get(url)) for url, reason in planted.items() if told.get(url) != reason} == {}


def test_no_host_ever_had_more_than_one_request_in_flight(soaked: Soaked) -> None:
    by_host: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for host, started, ended, _ in soaked.log:
        assert ended is not None
        by_host[host] += [(started, 1), (ended, -1)]
    assert len(by_host) == round(HOSTS * SCALE)
    for host, events in by_host.items():
        in_flight = 0
        for _, change in sorted(events):
            in_flight += change
            assert in_flight <= 1, host


def test_no_page_is_fetched_again_by_the_second_run(soaked: Soaked) -> None:
    fetched = Counter(kind for *_, kind in soaked.log)
    assert soaked.reports[1].fetched == 0
    assert fetched["robots"] <= 4 * round(HOSTS * SCALE)


def test_the_second_run_gives_the_same_tables(soaked: Soaked) -> None:
    first, second = soaked.dumps
    for table in first.keys() - {"fetch"}:
        assert second[table] == first[table], table


def test_memory_stays_within_150_mb_over_the_start(soaked: Soaked) -> None:
    assert soaked.grown_kib < MOST_GROWN_KIB, f"{soaked.grown_kib} KiB"
