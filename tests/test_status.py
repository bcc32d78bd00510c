"""storywatch status and flows/overview.py: what needs a human, what is told, how wide it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from flows.commands import main
from flows.commands.exits import Exit
from flows.commands.status import WIDTH, folded
from flows.disk import DiskSpace, disk_space
from flows.maintained import Maintained, Step
from flows.outbox import Mailbox
from flows.overview import Overview, attention
from flows.processes import identity
from flows.schedules import Deployed, Prefect
from flows.serve_plan import Plan, State
from tests.prefect_answers import PrefectAnswers
from tests.records_factory import at
from tests.stocked import stocked_place
from tests.test_schedules import deployment, next_run
from warehouse import connect, load, lock, read
from warehouse.connect import DataDir
from warehouse.reports import WarehouseStatus

ROOT = Path(__file__).parent.parent
NOW = at(4 * 24 * 60 + 30)
ROOM = DiskSpace(free_bytes=1 << 40, total_bytes=1 << 41, least_free_bytes=1 << 30, used_bytes={})
NO_PREFECT = Prefect(api_url=None, named_by="", problem=None, deployments=())
WELL = Overview(
    last_run_is_on=False,
    was_killed=False,
    up_was_killed=False,
    prefect=NO_PREFECT,
    disk=ROOM,
    maintained=None,
    newest_backup_at=None,
    versions={"storywatch": "1"},
)
MONITOR = Deployed(
    name="monitor", is_paused=False, limit=1, has_schedule=True, interval_seconds=900.0, next_run_at=at(1)
)
MAINTAIN = replace(MONITOR, name="maintain", interval_seconds=None)
STATUS_KEYS = [
    *(
        "initialised",
        "last_run",
        "last_completed",
        "discovered",
        "outcomes",
        "due",
        "later",
        "next_attempt_at",
        "feeds",
    ),
    *("feeds_failing", "feeds_quiet", "articles", "on_story", "independent", "newest_article", "last_run_is_on"),
    *(
        "was_killed",
        "up_was_killed",
        "prefect",
        "disk",
        "maintained",
        "newest_backup_at",
        "versions",
        "targets_failing",
    ),
    "attention",
    "read_from",
]

Storywatch = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return stocked_place(tmp_path_factory.mktemp("pattern") / "data")


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


@pytest.fixture(scope="module")
def status(pattern: DataDir) -> WarehouseStatus:
    with connect.reader(pattern, wait_seconds=1) as con:
        return read.status(con, NOW)


@pytest.fixture
def storywatch(
    place: DataDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "status", "--data", str(place.root), *arguments])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        return (code, *capsys.readouterr())

    return call


def last_run(of: WarehouseStatus, /, **changes: Any) -> WarehouseStatus:
    assert of.last_run is not None
    return replace(of, last_run=replace(of.last_run, **changes))


def with_prefect(*deployments: Deployed, problem: str | None = None) -> Overview:
    told = Prefect(api_url="http://127.0.0.1:4200/api", named_by="test", problem=problem, deployments=deployments)
    return replace(WELL, prefect=told)


def maintained(state: str, days_ago: float) -> Maintained:
    began = NOW - timedelta(days=days_ago)
    step = Step(name="back_up", state=state, detail="the disk is full")
    return Maintained(started_at=began, ended_at=began, steps=(step,), trimmed_until=None)


def test_where_all_is_well_nobody_is_called(status: WarehouseStatus) -> None:
    assert list(attention(status, WELL, NOW)) == []
    assert list(attention(status, with_prefect(MONITOR, MAINTAIN), NOW)) == []
    assert list(attention(status, replace(WELL, maintained=maintained("done", 30)), NOW)) == []
    assert list(attention(last_run(status, status="interrupted"), WELL, NOW)) == []
    assert list(attention(last_run(status, status="running"), replace(WELL, last_run_is_on=True), NOW)) == []


@pytest.mark.parametrize(
    ("said", "changes", "seen", "after"),
    [
        ("the last run failed: no room", {"status": "failed", "detail": "no room"}, WELL, NOW),
        ("the last run, of 2025-10-21 08:00Z, was killed", {"status": "crashed"}, WELL, NOW),
        ("was killed", {"status": "running"}, replace(WELL, was_killed=True), NOW),
        ("does not add up", {"balanced": False}, WELL, NOW),
        ("the disk is nearly full: 0.1 GB free, 1.1 GB", {}, replace(WELL, disk=replace(ROOM, free_bytes=10**8)), NOW),
        ("storywatch up was killed", {}, replace(WELL, up_was_killed=True), NOW),
        ("does not answer", {}, with_prefect(problem="it does not answer: refused"), NOW),
        ("monitor is paused", {}, with_prefect(replace(MONITOR, is_paused=True)), NOW),
        ("no run of monitor is scheduled", {}, with_prefect(replace(MONITOR, next_run_at=None)), NOW),
        ("no run since 2025-10-21 08:00Z", {}, with_prefect(MONITOR), NOW + timedelta(hours=1)),
        ("back_up failed: the disk is full", {}, replace(WELL, maintained=maintained("failed", 0)), NOW),
        (
            "the last maintenance was on 2025-10-18",
            {},
            replace(with_prefect(MAINTAIN), maintained=maintained("done", 3)),
            NOW,
        ),
    ],
)
def test_what_needs_a_human_is_said(
    said: str, changes: dict[str, Any], seen: Overview, after: datetime, status: WarehouseStatus
) -> None:
    (told,) = attention(last_run(status, **changes), seen, after)
    assert said in told


def test_no_run_at_all_needs_a_human_and_so_do_feeds_of_which_most_fail(status: WarehouseStatus) -> None:
    assert list(attention(replace(status, last_run=None), WELL, NOW)) == ["no run was ever made"]
    most = replace(status, feeds=1)
    assert list(attention(most, WELL, NOW)) == ["1 of 1 feeds fail"]


def test_a_target_of_notifications_that_fails_needs_a_human(status: WarehouseStatus) -> None:
    box = Mailbox(label="target 1 (mailto)", failures=2, failing_since_at=at(0), error="connection refused")
    (told,) = attention(status, replace(WELL, targets_failing=(box,)), NOW)
    assert told.startswith("notify, target 1 (mailto): failed 2 times since 2025-10-17 08:00Z")
    assert "connection refused" in told


def test_a_run_that_says_running_is_on_while_it_holds_its_lock_and_was_killed_after(
    place: DataDir, storywatch: Storywatch
) -> None:
    with connect.writer(place, wait_seconds=1) as con:
        load.start_run(con, "run-9", at(5 * 24 * 60), command="run")
    path = place.run_lock_path("run-9")
    path.parent.mkdir(parents=True)
    with lock.exclusive(path, wait_seconds=0):
        code, out, _ = storywatch()
    assert code == Exit.DONE
    assert "last run    run-9: running, since 2025-10-22 08:00:00Z; 0 discovered" in out
    assert "completed   run-2: completed" in out
    code, out, _ = storywatch()
    assert code == Exit.ATTENTION
    assert "since 2025-10-22 08:00:00Z, killed" in " ".join(out.split())
    assert "NEEDS ATTENTION: the last run, of 2025-10-22 08:00Z, was killed" in " ".join(out.split())


def test_the_next_runs_are_those_that_prefect_says(
    place: DataDir, storywatch: Storywatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "next run    none is scheduled" in storywatch()[1]
    with PrefectAnswers({"/deployments/filter": [deployment("monitor")], "/flow_runs/filter": next_run}) as server:
        monkeypatch.setenv("PREFECT_API_URL", server.url)
        out = storywatch()[1]
    assert "next run    monitor 2025-10-18 09:15Z" in out
    code, out, _ = storywatch()
    assert code == Exit.ATTENTION
    assert "next run    unknown" in out


def test_before_the_first_run_it_is_told_when_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["storywatch", "status", "--data", str(tmp_path)])
    with PrefectAnswers({"/deployments/filter": [deployment("monitor")], "/flow_runs/filter": next_run}) as server:
        monkeypatch.setenv("PREFECT_API_URL", server.url)
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == Exit.ATTENTION
    out = " ".join(capsys.readouterr().out.split())
    assert "the next scheduled run begins it" in out
    assert "next run monitor 2025-10-18 09:15Z" in out


def test_an_up_that_was_killed_is_told(place: DataDir, storywatch: Storywatch) -> None:
    plan = Plan(data_dir=place.root, folder=place.root)
    plan.home.mkdir()
    own = identity(os.getpid())
    assert own is not None
    State(supervisor=own, url="http://127.0.0.1:1").write(plan.state_path)
    code, out, _ = storywatch()
    assert code == Exit.ATTENTION
    assert "storywatch up was killed" in out


def test_json_has_the_keys_that_are_documented_and_the_same_attention(place: DataDir, storywatch: Storywatch) -> None:
    code, out, _ = storywatch("--json")
    told = json.loads(out)
    assert list(told) == STATUS_KEYS
    assert (code, told["attention"]) == (Exit.DONE, [])
    assert told["disk"]["used_bytes"]["private"] > 100_000
    assert told["prefect"] == {"api_url": None, "named_by": "", "problem": None, "deployments": []}
    assert told["versions"].keys() >= {"storywatch", "python", "duckdb", "prefect"}
    assert told["last_completed"]["run_id"] == "run-2"


def test_no_line_is_wider_than_a_terminal_also_where_characters_take_two_columns() -> None:
    told = [
        "newest      " + "峰会 " * 60,
        "short",
        "read from   " + "/a-very-long-folder" * 9,
        "            x: " + "w" * 99,
    ]
    lines = list(folded(told))
    assert all(cell_len(line) <= WIDTH for line in lines)
    assert len(lines) > len(told)
    assert "".join("".join(lines).split()) == "".join("".join(told).split())
    assert [line for line in lines if line[0] != " "] == [
        lines[0],
        "short",
        *[x for x in lines if x.startswith("read")],
    ]


def test_the_disk_counts_what_lies_in_each_folder_and_needs_three_copies_of_the_warehouse(place: DataDir) -> None:
    (place.root / "archive").mkdir()
    (place.root / "archive/a.warc.gz").write_bytes(bytes(1000))
    found = disk_space(place)
    assert found.used_bytes["archive"] == 1000
    assert not found.is_nearly_full
    with place.warehouse_path.open("ab") as file:
        file.truncate(1 << 40)
    assert disk_space(place).least_free_bytes == 3 << 40


def test_a_status_costs_less_than_a_second_of_cpu_beyond_imports(place: DataDir) -> None:
    code = (
        "import sys, time\n"
        "from flows.commands import main, reading, status\n"
        "import flows.overview, warehouse.read, rich.console, rich.text, rich.cells, flows.settings\n"
        f"sys.argv = ['storywatch', 'status', '--data', {str(place.root)!r}]\n"
        "began = time.process_time()\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(time.process_time() - began)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PREFECT_API_URL"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert float(done.stdout.splitlines()[-1]) < 1.0
