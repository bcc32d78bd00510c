"""A storywatch that is up, for tests: started by the command line, asked through its API, looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import yaml

from flows import processes
from flows.replay import REPLAY_SEEDS
from flows.serve_plan import DEPLOYMENTS, State, read_state
from warehouse import connect, read
from warehouse.connect import DataDir

ROOT = Path(__file__).parent.parent
INTERVAL_SECONDS = 8
MAIN = "from flows.commands import main; main()"
# A shell without job control starts background jobs with SIGINT ignored, and that is inherited.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def wait_until(is_true: Callable[[], Any], seconds: float, explain: Callable[[], object]) -> Any:
    """Ask five times a second until something is true, and return it; a server does not call back."""
    ends = time.monotonic() + seconds
    while not (found := is_true()):
        assert time.monotonic() < ends, f"not within {seconds} s: {explain()}"
        time.sleep(0.2)
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def replay_deployments(folder: Path) -> Path:
    """The shipped deployments, with the monitor on the replay."""
    content = yaml.safe_load(DEPLOYMENTS.read_text("utf-8"))
    for one in content["deployments"]:
        if one["name"] == "monitor":
            one["entrypoint"] = "tests.scheduled_replay.monitor"
        else:
            one["schedules"] = []
    path = folder / "deployments.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


class Up:
    """`storywatch up` on the replay, on a free port, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.home = folder, folder / "data", folder / "home"
        self.home.mkdir()
        self.port = free_port()
        self.arguments = (
            *("up", "--data", str(self.data), "--port", str(self.port), "--interval", str(INTERVAL_SECONDS)),
            *("--deployments", str(replay_deployments(folder))),
        )
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "STORYWATCH_"))}
        self.environment = {
            **inherited,
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "STORYWATCH_CONTACT": "operator@storywatch.example",
            "STORYWATCH_FEEDS_FILE": str(REPLAY_SEEDS / "feeds.toml"),
            "STORYWATCH_SEEDS_DIR": str(REPLAY_SEEDS),
            "STORYWATCH_HOST_DELAY_SECONDS": "0",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_PREFETCH_SECONDS": "1",
        }

    def storywatch(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", MAIN, *arguments],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def foreground(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", LISTENING + MAIN, *self.arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "foreground.log").open("w"),
            text=True,
            start_new_session=True,
        )

    @property
    def state(self) -> State:
        state = read_state(self.data / "prefect/up.json")
        assert state is not None, self.logs()
        return state

    def part(self, name: str) -> int:
        return self.state.parts[name].pid

    def logs(self) -> str:
        """For messages: what is to be known of a failure."""
        logs = [path for path in (self.data / "logs").glob("*.log") if path.name != "server.log"]
        return "\n".join(f"== {path.name}\n{path.read_text('utf-8')[-3000:]}" for path in logs)

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/api{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code != 503:  # its database was locked at that moment; Prefect's own client asks again, too
                    raise
                time.sleep(0.5)
        raise AssertionError(f"{path}: 503 for 10 s")

    def answers(self) -> bool:
        try:
            return bool(self.ask("/health"))
        except OSError:
            return False

    def deployment(self, name: str) -> str:
        (found,) = self.ask("/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        return str(found["id"])

    def trigger(self, name: str, **parameters: object) -> str:
        return str(self.ask(f"/deployments/{self.deployment(name)}/create_flow_run", {"parameters": parameters})["id"])

    def flow_run(self, run_id: str) -> Any:
        return self.ask(f"/flow_runs/{run_id}")

    def state_of(self, run_id: str) -> str:
        return str(self.flow_run(run_id)["state"]["type"])

    def task_states(self, run_id: str) -> set[str]:
        """Of the task runs of a flow run."""
        found = self.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
        return {str(one["state_type"]) for one in found}

    def scheduled(self, state: str) -> list[Any]:
        """The runs that the schedule has made, in that state, oldest first."""
        wanted = {"flow_runs": {"state": {"type": {"any_": [state]}}}, "sort": "EXPECTED_START_TIME_ASC"}
        return [run for run in self.ask("/flow_runs/filter", wanted) if run["auto_scheduled"]]

    # -- a run in the middle -----------------------------------------------------------------------------------------

    def hold(self) -> tuple[str, int]:
        """Stop the next run in the middle: its id in Prefect, and its PID. One is started, should none be about to."""
        (self.data / "held").unlink(missing_ok=True)
        (self.data / "hold").touch()
        self.trigger("monitor")
        wait_until((self.data / "held").exists, 120, self.logs)
        pid = int((self.data / "held").read_text())
        return psutil.Process(pid).environ()[processes.RUN_VARIABLE], pid

    def release(self) -> None:
        (self.data / "hold").unlink()

    def next_scheduled_run_completes(self) -> None:
        """Wait for a scheduled run that begins from now on, without a hand."""
        known = {run["id"] for state in ("COMPLETED", "RUNNING", "PENDING") for run in self.scheduled(state)}

        def is_there() -> bool:
            return self.answers() and any(run["id"] not in known for run in self.scheduled("COMPLETED"))

        wait_until(is_there, 150, self.logs)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Of the private file."""
        with connect.reader(DataDir(self.data), wait_seconds=60) as con:
            return read.query(con, sql)[1]

    def is_balanced(self) -> bool:
        with connect.reader(DataDir(self.data), wait_seconds=60) as con:
            discovered, outcomes = read.ledger_counts(con)
        return discovered > 0 and discovered == sum(outcomes.values())

    def processes(self) -> list[psutil.Process]:
        """All that belong to it: they know its home."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("PREFECT_HOME") == str(self.data / "prefect"):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
