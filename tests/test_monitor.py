"""The flow under Prefect: recorded run by run, deployed by prefect.yaml, and scheduled by a real server."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.commands.exits import Exit
from tests.interrupting import interrupted_demo
from warehouse import connect, read
from warehouse.connect import DataDir

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


class Server:
    """A real Prefect server on a free port of 127.0.0.1."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.api_url = f"http://127.0.0.1:{self.port}/api"
        contact = {"STORYWATCH_CONTACT": "operator@storywatch.example"}
        self.environment = {**clean_environment(home), **contact, "PREFECT_API_URL": self.api_url}
        self.log = home / "server.log"
        self.home = home

    def __enter__(self) -> Server:
        with self.log.open("w") as log:
            self.running = subprocess.Popen(
                [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.is_up, 120, self.log.read_text)
        return self

    def __exit__(self, *_: object) -> None:
        self.running.terminate()
        self.running.wait(30)

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            f"{self.api_url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def prefect(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PREFECT, "--no-prompt", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )


def wait_until(true: Any, seconds: float, explain: Any) -> None:
    """Ask five times a second; a server has no other way to say that it is ready."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"not within {seconds} s: {explain()}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("prefect")) as started:
        yield started


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
        artifacts = database.execute("SELECT count(*) FROM artifact WHERE key = 'where-every-url-went'").fetchone()
    database.close()
    assert [state for _, state in runs] == ["COMPLETED"] * 3
    assert 0 < max(tasks.values()) <= MAX_TASK_RUNS
    assert artifacts == (3,)


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


@pytest.mark.timeout(240)
def test_deploy_all_is_accepted_scheduled_runs_appear_and_a_worker_runs_one(server: Server, tmp_path: Path) -> None:
    created = server.prefect("work-pool", "create", "--type", "process", "storywatch")
    assert created.returncode == 0, created.stdout + created.stderr
    deployed = server.prefect("deploy", "--all")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    found = {deployment["name"]: deployment for deployment in server.post("/deployments/filter", {})}
    assert set(found) == {"monitor", "backfill", "reextract"}
    assert found["backfill"]["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert found["backfill"]["schedules"] == []
    deployment = found["monitor"]
    assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    wait_until(lambda: server.post("/flow_runs/filter", scheduled), 90, server.log.read_text)
    times = [run["expected_start_time"] for run in server.post("/flow_runs/filter", scheduled)]
    assert len(times) >= 2

    listed = tmp_path / "list.txt"
    listed.write_text("http://127.0.0.1:1/trump-putin-summit-budapest\n")
    common = {"data_dir": str(tmp_path / "data"), "feeds_file": str(loopback_feeds(tmp_path))}
    runs = [
        server.post(f"/deployments/{found[name]['id']}/create_flow_run", {"parameters": parameters})
        for name, parameters in (("monitor", common), ("backfill", {**common, "urls": [str(listed)]}))
    ]
    worker = server.prefect("worker", "start", "--pool", "storywatch", "--run-once")
    assert worker.returncode == 0, worker.stdout + worker.stderr
    for run in runs:
        (ended,) = server.post("/flow_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
        assert ended["state"]["type"] == "COMPLETED", worker.stdout + worker.stderr
        assert ended["run_count"] == 1
        tasks = server.post("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
        assert 0 < len(tasks) <= MAX_TASK_RUNS
    assert (tmp_path / "data/public/current/coverage.duckdb").exists()
    with connect.public_reader(DataDir(tmp_path / "data")) as con:
        assert read.query(con, "SELECT state, new_entries FROM backfill")[1] == [("found", 1)]


@pytest.mark.timeout(240)
def test_a_run_is_recorded_where_prefects_settings_name_an_api(server: Server, tmp_path: Path) -> None:
    result = run_on_loopback(tmp_path, server.environment, "--json")
    assert result.returncode == Exit.ATTENTION, result.stderr  # its one feed is blocked
    assert json.loads(result.stdout)["recorded_in_prefect"] is True
    by_hand = {"state": {"type": {"any_": ["COMPLETED"]}}, "deployment_id": {"is_null_": True}}
    runs = server.post("/flow_runs/filter", {"flow_runs": by_hand})
    assert len(runs) == 1
    artifacts = server.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [runs[0]["id"]]}}})
    assert [artifact["key"] for artifact in artifacts] == ["where-every-url-went"]


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
    assert "http://127.0.0.1:9/api does not answer" in result.stderr


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
