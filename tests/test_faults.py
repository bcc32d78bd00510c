"""The faults that a run must survive, through the whole pipe: one run over a web that has all of them at once.

What a single fetch makes of each is in test_http.py; here it is proven that the run ends, that the fault is exactly one
row with its reason, that neighbours come through, and that running again changes nothing.
"""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.realweb import EVERYTHING
from extractors.http import FetchPolicy
from extractors.records import REASONS, Outcome, RunReport
from flows import pipeline, watch
from flows.isolation import ExtractionPool
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.faultweb import (
    FAULTS,
    FEED_FAULTS,
    LISTING,
    PAGE_FAULTS,
    ROBOTS_FAULTS,
    Fault,
    html,
    resolver,
    sent,
    serve_faults,
)
from tests.test_collecting import story
from warehouse import connect, read

pytestmark = pytest.mark.timeout(240)
NOW = datetime(2025, 10, 20, tzinfo=UTC)
Rows = list[tuple[object, ...]]
# Tables of which only some columns are content: polls that fail again are counted, and each exchange is a row.
CONTENT = {
    "fetch": ("url", "kind", "reason"),
    "feed_state": ("feed_url", "etag", "last_modified", "body_hash"),
}
NO_CONTENT = frozenset({"run", "schema_migration"})


@dataclass
class Survived:
    """What two runs left behind."""

    web: FakeWeb
    reports: list[RunReport]
    dumps: list[dict[str, Rows]]
    data_dir: connect.DataDir

    def query(self, sql: str) -> Rows:
        return query(self.data_dir, sql)


def query(data_dir: connect.DataDir, sql: str) -> Rows:
    with connect.reader(data_dir, wait_seconds=5) as con:
        return [tuple(row) for row in read.query(con, sql)[1]]


def dump(data_dir: connect.DataDir) -> dict[str, Rows]:
    """Every table's content: all columns but times, and the runs that wrote a row."""
    columns: dict[str, list[str]] = {}
    for table, column, kind in query(
        data_dir,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) "
        "WHERE NOT duckdb_columns.internal ORDER BY table_name, column_index",
    ):
        is_content = "TIMESTAMP" not in str(kind) and not str(column).endswith("run_id")
        if table not in NO_CONTENT and is_content and column in CONTENT.get(str(table), (column,)):
            columns.setdefault(str(table), []).append(str(column))
    return {
        table: sorted(query(data_dir, f'SELECT DISTINCT {", ".join(names)} FROM "{table}"'), key=repr)
        for table, names in columns.items()
    }


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survived]:
    root = tmp_path_factory.mktemp("faults")
    (root / "story.toml").write_text(EVERYTHING, "utf-8")
    settings = Settings(
        data_dir=root / "data",
        feeds_file=root / "feeds.toml",
        story_file=root / "story.toml",
        host_delay_seconds=0,
        fetch_deadline_seconds=3,
        max_attempts=1,  # each page's outcome is final after one run
    )
    with FakeWeb() as web, pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "FetchPolicy", functools.partial(FetchPolicy, retry_base_seconds=0.05))
        patch.setattr(pipeline, "ExtractionPool", functools.partial(ExtractionPool, seconds=6))
        serve_faults(web, FAULTS, root / "feeds.toml")
        reports, dumps = [], []
        for now in (NOW, NOW + timedelta(days=2)):  # by then every feed that failed has had its rest
            world = World(resolver=resolver(web), clock=lambda now=now: now)  # type: ignore[misc]
            reports.append(pipeline.run(prepare(settings, world), command="test"))
            dumps.append(dump(connect.DataDir(root / "data")))
        yield Survived(web, reports, dumps, connect.DataDir(root / "data"))


def test_the_run_ends_completed_with_a_balanced_ledger(survived: Survived) -> None:
    for report in survived.reports:
        assert report.status == "completed", report.detail
        assert report.ledger_discovered == sum(report.ledger_outcomes.values())
        assert report.ledger_outcomes.get("pending", 0) == 0


def test_running_again_gives_the_same_tables(survived: Survived) -> None:
    first, second = survived.dumps
    assert (survived.reports[1].discovered, survived.reports[1].fetched) == (0, 0)
    for table in first.keys() - {"fetch"}:
        assert second[table] == first[table], table
    news = set(second["fetch"]) - set(first["fetch"])
    assert {row[2] for row in news} <= {"unchanged"}


@pytest.mark.parametrize("fault", PAGE_FAULTS, ids=lambda fault: f"row {fault.row}, {fault.name}")
def test_a_page_at_fault_is_one_url_of_the_ledger_with_its_reason(fault: Fault, survived: Survived) -> None:
    rows = survived.query(f"SELECT outcome, reason, detail FROM entry WHERE url = '{fault.page}'")
    allowed = [(fault.outcome, fault.reason)] + ([(REASONS[fault.also], fault.also)] if fault.also else [])
    assert [row[:2] for row in rows] in [[one] for one in allowed], rows
    assert REASONS[fault.reason] == Outcome(fault.outcome)
    assert rows[0][2]
    if fault.has_neighbour:
        assert survived.query(f"SELECT outcome FROM entry WHERE url = '{fault.neighbour}'") == [("loaded",)]


@pytest.mark.parametrize("fault", FEED_FAULTS, ids=lambda fault: f"row {fault.row}, {fault.name}")
def test_a_feed_at_fault_is_one_row_of_fetch_with_its_reason(fault: Fault, survived: Survived) -> None:
    rows = survived.query(
        'SELECT reason, detail FROM "fetch" JOIN (SELECT min(started_at) AS first, max(started_at) AS last FROM run) '
        f"ON fetched_at < last WHERE url = '{fault.url}' AND kind = 'feed'"
    )
    assert [row[0] for row in rows] == [fault.reason], rows
    assert fault.reason == "ok" or rows[0][1]
    found = survived.query(f"SELECT outcome FROM entry WHERE url = '{fault.page}'")
    assert found == ([(fault.outcome,)] if fault.outcome else [])


@pytest.mark.parametrize("fault", ROBOTS_FAULTS, ids=lambda fault: f"row {fault.row}, {fault.name}")
def test_a_robots_txt_at_fault_is_one_row_of_fetch_with_its_reason(fault: Fault, survived: Survived) -> None:
    assert survived.query(f"SELECT reason FROM \"fetch\" WHERE url = '{fault.url}' AND kind = 'robots'") == [
        (fault.reason,)
    ]
    assert survived.query(f"SELECT outcome FROM entry WHERE url = '{fault.page}'") == [(fault.outcome,)]


def test_the_feed_beside_the_faults_is_read_and_then_unchanged(survived: Survived) -> None:
    rows = survived.query(f"SELECT reason, status FROM \"fetch\" WHERE url = '{LISTING}' ORDER BY fetched_at")
    assert rows == [("ok", 200), ("unchanged", 200)]  # two days later the whole body is asked for, and has not changed


def test_every_host_has_at_most_one_request_in_flight_among_all_the_faults(survived: Survived) -> None:
    hosts = {hit.host for hit in survived.web.log}
    assert {host for host in hosts if survived.web.most_in_flight(host) > 1} == set()


def test_what_faulty_feeds_say_is_stored_as_clean_text(survived: Survived) -> None:
    titles = {row[0]: row[1] for row in survived.query("SELECT feed_url, title FROM entry")}
    told = {fault.name: titles.get(fault.url) for fault in FEED_FAULTS}
    assert (told["bad-byte"], told["header-charset"], told["utf-16"]) == ("Żółw", "Привет из порта", "Żółw")
    assert told["nul"] == "ab"
    assert not any(word in str(told["external"]) for word in ("root:", "outside"))
    assert str(told["entity-bomb"]).count("ha") == 0


def test_an_absurd_date_is_none_and_its_words_are_kept(survived: Survived) -> None:
    (row,) = survived.query(
        "SELECT published_at, published_raw FROM entry WHERE feed_url = 'http://feed-36-bad-date.example/rss'"
    )
    assert row == (None, "Thu, 16 Oct 2025 10:00:00 +99:99")


def test_all_rows_that_speak_of_the_web_are_planted() -> None:
    planted = {fault.row for fault in FAULTS}
    assert planted == set(range(1, 43)) - {42}  # of the warehouse: below


def test_a_crawl_delay_without_end_gives_a_page_a_run_and_holds_up_neither_the_run_nor_other_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = functools.partial(FetchPolicy, max_wait_seconds=0.2, least_delays={"slow.example": 0.1})
    monkeypatch.setattr(watch, "FetchPolicy", policy)
    (tmp_path / "story.toml").write_text(EVERYTHING, "utf-8")
    with FakeWeb() as web:
        slow = [Fault(0, f"slow-{n}", sent(html(story(n))), "", "", host="slow.example") for n in range(1)]
        other = [Fault(0, f"quick-{n}", sent(html(story(50 + n))), "", "") for n in range(3)]
        serve_faults(web, [*slow, *other], tmp_path / "feeds.toml")
        web.robots(slow[0].origin, "User-agent: *\nCrawl-delay: 1e9")
        settings = Settings(
            data_dir=tmp_path / "data",
            feeds_file=tmp_path / "feeds.toml",
            story_file=tmp_path / "story.toml",
            host_delay_seconds=0,
        )
        report = pipeline.run(prepare(settings, World(resolver=web.resolver())), command="test")
        assert len(web.paths("slow.example")) == 2  # robots.txt, and one of its pages
    assert report.ledger_outcomes == {"loaded": 7, "pending": 1}
    assert report.stage_seconds["fetch"] < 60
    (row,) = query(connect.DataDir(tmp_path / "data"), "SELECT attempts, detail FROM entry WHERE outcome = 'pending'")
    assert row[0] == 0
    assert "rests for 300 s" in str(row[1])


# Watches the faults given by number, one request at a time, and prints by how many KiB its memory rose above what a
# run over nothing but sound pages takes. Workers that extract are processes of their own, with a limit of their own.
MEASURE = """
import sys
from pathlib import Path
from extractors.http import FetchPolicy
from flows import pipeline
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import LoopbackResolver
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
def run(name):
    root = Path(sys.argv[1])
    settings = Settings(data_dir=root / name, feeds_file=root / f"{name}.toml", story_file=root / "story.toml",
                        host_delay_seconds=0, concurrency=1, max_attempts=1, fetch_deadline_seconds=20)
    world = World(resolver=LoopbackResolver({80: int(sys.argv[2])}, addresses={}, unknown=set()))
    assert pipeline.run(prepare(settings, world), command="test").status == "completed"
run("sound")
before = peak()
run("faulty")
print(peak() - before)
"""
COSTLY_ROWS = frozenset({4, 5, 6, 7, 8, 9, 17, 18, 28, 29, 30, 34, 35, 38})


def test_all_faults_that_could_cost_memory_cost_less_than_64_mb_together(tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(EVERYTHING, "utf-8")
    with FakeWeb() as web:
        sound = [Fault(0, f"sound-{number}", sent(html(story(number))), "", "") for number in range(9)]
        costly = [fault for fault in FAULTS if fault.row in COSTLY_ROWS and fault.plant is not FakeWeb.hang]
        for name, faults in (("sound", sound), ("faulty", costly)):  # in the order in which they are asked
            serve_faults(web, faults, tmp_path / f"{name}.toml")
        command = [sys.executable, "-c", MEASURE, str(tmp_path), str(web.http_port)]
        told = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True)
    grown = int(told.stdout.split()[-1])
    assert grown < 64 * 1024, f"{grown} KiB"


# Runs the pipe, and is killed so many seconds after the stage named has begun; ends by itself if it is through by then.
RUN_AND_DIE = """
import os, signal, sys, threading
from pathlib import Path
from flows import pipeline
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import LoopbackResolver
root, port, fatal, seconds = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
def killing(stage, *args, **kwargs):
    if stage.__name__ == fatal:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return stage(*args, **kwargs)
settings = Settings(data_dir=root / "data", feeds_file=root / "feeds.toml", story_file=root / "story.toml",
                    host_delay_seconds=0, fetch_deadline_seconds=5)
world = World(resolver=LoopbackResolver({80: port}, addresses={}, unknown=set()))
pipeline.run(prepare(settings, world), command="test", caller=killing)
"""
INSTANTS = (
    ("begin", 0.02),
    ("poll", 0.01),
    ("record", 0.02),
    ("fetch", 0.02),
    ("extract", 0.1),
    ("judge_and_load", 0.03),
)


@pytest.mark.slow
def test_row_42_a_run_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "story.toml").write_text(EVERYTHING, "utf-8")
    with FakeWeb() as web:
        sound = [Fault(0, f"sound-{number}", sent(html(story(number))), "", "") for number in range(9)]
        serve_faults(web, sound, tmp_path / "feeds.toml")
        for stage, seconds in (*INSTANTS, ("never", 0.0)):
            command = [sys.executable, "-c", RUN_AND_DIE, str(tmp_path), str(web.http_port), stage, str(seconds)]
            ended = subprocess.run(command, cwd=Path(__file__).parent.parent, check=False).returncode
            assert ended in (0, -signal.SIGKILL)
    assert ended == 0
    assert query(connect.DataDir(tmp_path / "data"), "SELECT outcome FROM entry") == [("loaded",)] * 18
