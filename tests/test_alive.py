"""Runs that were killed are told from runs that live."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from extractors.records import RunReport
from flows.replay.site import MOMENTS
from tests.records_factory import T0
from tests.replayed import run_moment
from warehouse import alive, connect, load, lock, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
# Begins a run, says so, and lives until its standard input is closed.
LIVING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse import alive, connect, load
from warehouse.connect import DataDir
place, run_id = DataDir(Path(sys.argv[1])), sys.argv[2]
with alive.living(place, run_id, wait_seconds=0):
    with connect.writer(place, wait_seconds=60) as con:
        load.start_run(con, run_id, datetime.now(UTC), command="run")
    print("lives", flush=True)
    sys.stdin.read()
"""


def begun(data: Path, run_id: str) -> subprocess.Popen[str]:
    run = subprocess.Popen(
        [sys.executable, "-c", LIVING, str(data), run_id],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "lives\n"
    return run


def statuses(data: Path) -> dict[str, str]:
    with connect.reader(DataDir(data), wait_seconds=10) as con:
        return dict(read.query(con, "SELECT run_id, status FROM run_health")[1])


def test_the_next_run_calls_a_killed_one_crashed_and_leaves_a_living_one_alone(tmp_path: Path) -> None:
    with begun(tmp_path, "killed") as killed, begun(tmp_path, "living"):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        report: RunReport = run_moment(tmp_path, MOMENTS[0])
        assert statuses(tmp_path) == {"killed": "crashed", "living": "running", report.run_id: "completed"}
    assert list((tmp_path / "private/runs").iterdir()) == []


def test_nobody_invents_when_a_killed_run_ended(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    with connect.writer(place, wait_seconds=1) as con:
        load.start_run(con, "killed", T0, command="run")
        assert alive.close_crashed(con, place, own="next") == ["killed"]
        rows = read.query(con, "SELECT status, ended_at, elapsed_seconds, detail FROM run_health")[1]
        assert alive.close_crashed(con, place, own="next") == []
    assert rows == [("crashed", None, None, alive.KILLED)]


def test_a_run_that_asks_is_not_called_crashed_by_itself(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    with connect.writer(place, wait_seconds=1) as con:
        load.start_run(con, "own", T0, command="run")
        assert alive.close_crashed(con, place, own="own") == []


def test_the_lock_of_a_run_that_ended_is_gone(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    with alive.living(place, "one", wait_seconds=0):
        assert lock.is_held(place.run_lock_path("one"))
        assert lock.holder(place.run_lock_path("one")) == os.getpid()
    assert not place.run_lock_path("one").exists()
    assert lock.holder(place.run_lock_path("one")) is None
