"""The flow under Prefect: recorded run by run, deployed by prefect.yaml, and scheduled by a real server."""

from __future__ import annotations

import inspect
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.commands.exits import Exit
from tests.interrupting import interrupted_demo

pytestmark = pytest.mark.prefect
ROOT = Path(__file__).parent.parent
PREFECT = Path(sys.executable).parent / "prefect"
MAX_TASK_RUNS = 25


def clean_environment(home: Path) -> dict[str, str]:
    """No Prefect setting of this machine, and a home of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    return {
        **kept,
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


@pytest.mark.timeout(240)
def test_the_demo_is_recorded_on_the_embedded_server_below_its_own_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    demo = subprocess.run(
        [sys.executable, "-c", "from flows.commands import main; main()", "demo"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "PREFECT_API_URL": "http://127.0.0.1:9/api"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert demo.returncode == Exit.DONE, demo.stderr
    assert "Traceback" not in demo.stderr
    assert list(home.iterdir()) == []
    with sqlite3.connect(tmp_path / "demo-data/prefect/prefect.db") as database:
        runs = database.execute("SELECT id, state_type FROM flow_run").fetchall()
        tasks = dict(database.execute("SELECT flow_run_id, count(*) FROM task_run GROUP BY 1").fetchall())
        artifacts = database.execute("SELECT key, count(*) FROM artifact GROUP BY key ORDER BY key").fetchall()
    database.close()
    assert [state for _, state in runs] == ["COMPLETED"] * 3
    assert 0 < max(tasks.values()) <= MAX_TASK_RUNS
    assert artifacts == [("what-is-new", 3), ("where-every-url-went", 3)]


@pytest.mark.timeout(240)
def test_ctrl_c_under_the_embedded_server_ends_the_run_at_once_and_prefect_knows(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    code, err = interrupted_demo(tmp_path, 1.0)
    assert code == Exit.INTERRUPTED, err
    assert "stopped by hand" in err
    assert "Traceback" not in err
    with sqlite3.connect(tmp_path / "demo-data/prefect/prefect.db") as database:
        states = dict(database.execute("SELECT type, message FROM flow_run_state").fetchall())
        ended = {state for (state,) in database.execute("SELECT state_type FROM flow_run")}
    database.close()
    assert ended <= {"COMPLETED", "CRASHED"}, states


def test_a_run_without_an_api_does_the_job_and_says_in_one_line_that_it_is_not_recorded(tmp_path: Path) -> None:
    result = run_on_loopback(tmp_path, clean_environment(tmp_path), "--quiet")
    assert result.returncode == Exit.ATTENTION
    assert result.stderr == "storywatch: all 1 feeds failed; storywatch status names them\n"
    loud = run_on_loopback(tmp_path, clean_environment(tmp_path))
    assert [line for line in loud.stderr.splitlines() if "not recorded in Prefect" in line] != []


def test_a_run_whose_api_does_not_answer_does_the_job_and_says_so(tmp_path: Path) -> None:
    environment = {**clean_environment(tmp_path), "PREFECT_API_URL": "http://127.0.0.1:9/api"}
    result = run_on_loopback(tmp_path, environment)
    assert result.returncode == Exit.ATTENTION, result.stderr
    assert "http://127.0.0.1:9/api does not answer as it should" in result.stderr


def run_on_loopback(folder: Path, environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """`storywatch run` for real, with one feed that the address guard blocks: no traffic, a complete run."""
    feeds = loopback_feeds(folder)
    return subprocess.run(
        [sys.executable, "-c", "from flows.commands import main; main()", "run", "--feeds", str(feeds), *options],
        cwd=folder,
        env={**environment, "STORYWATCH_CONTACT": "operator@storywatch.example", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def loopback_feeds(folder: Path) -> Path:
    """A feeds.toml whose one feed the address guard blocks."""
    feeds = folder / "feeds.toml"
    feeds.write_text('[[feed]]\nname = "loopback"\nurl = "http://127.0.0.1:1/rss"\n')
    return feeds


def test_to_prefect_a_stage_has_no_parameters_that_it_would_look_into(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import monitor

    told: list[tuple[str, object]] = []

    def fake_task(**options: object) -> Callable[[Callable[..., object]], Callable[..., object]]:
        def made(called: Callable[..., object]) -> Callable[..., object]:
            told.append((str(options["name"]), list(inspect.signature(called).parameters)))
            return called

        return made

    def judge_and_load(first: list[int], *, second: int) -> int:
        return sum(first) + second

    monkeypatch.setattr(monitor, "task", fake_task)
    assert monitor.as_task(judge_and_load, [1, 2], second=3) == 6
    assert told == [("judge-and-load", [])]
