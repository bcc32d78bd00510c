"""What Prefect costs: the monitor under a real server, against the same stages called as plain functions.

    python -m benchmarks.flow [--pages 1000] [--feeds 60] [--check]

A web of its own (another process, not counted) serves the feeds and the pages, short ones, so that the share of Prefect
is at its largest. Each run is a fresh process; what it imports, then or later, is not counted, but for what its
extraction workers do. Counted is CPU, user and system: of the run with its workers, and of the server with its
children, from the beginning of the run until what the server still does of it afterwards is done; of that time only,
what the server does for nobody is taken off. A server that has just started is warmed by a run that finds nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.realweb import EVERYTHING
from extractors.records import RunReport
from flows.serve_plan import Plan
from tests.fakeweb import FakeWeb, LoopbackResolver
from tests.faultweb import HTML, html, item, rss
from tests.serving import free_port
from tests.test_collecting import story

ROOT = Path(__file__).parent.parent
MOST_RATIO = 1.10  # CPU of the flow, client and server together, to that of the plain functions
MOST_IDLE_SECONDS = 3.0  # CPU of a run in which every feed says 304
START_SECONDS = 180.0
SETTLE_SECONDS = 12.0  # after a run: the server writes events in batches
IDLE_SECONDS = 12.0  # over which the server is watched doing nothing
FEEDS, WARM, STORY = "feeds.toml", "warm.toml", "story.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one run."""

    client: float  # the run and its workers
    server: float
    wall: float
    fetched: int
    loaded: int
    unchanged: int  # feeds

    @property
    def total(self) -> float:
        """Of client and server together."""
        return self.client + self.server


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class Imports:
    """CPU seconds that this process has spent importing, from when it is made: prefect imports late, here and there."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = threading.local()
        bootstrap: Any = importlib._bootstrap  # CPython looks it up there each time
        found = bootstrap._find_and_load

        def timed(*arguments: Any) -> Any:
            if getattr(self._inside, "is_so", False):
                return found(*arguments)
            self._inside.is_so, began = True, time.thread_time()
            try:
                return found(*arguments)
            finally:
                self.seconds += time.thread_time() - began
                self._inside.is_so = False

        bootstrap._find_and_load = timed


def tree_seconds(process: psutil.Process) -> float:
    """CPU of a process that lives, and of its children, gone ones included."""
    found = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            used = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found += used.user + used.system + used.children_user + used.children_system
    return found


def serve(feeds: int, pages: int, folder: Path) -> None:
    """The web, until the input ends. Says its port."""
    with FakeWeb() as web:
        for feed in range(feeds):
            origin = f"http://flow-{feed}.example"
            shown = [f"{origin}/{page}" for page in range(feed, pages, feeds)]
            for url in shown:
                number = int(url.rpartition("/")[2])
                web.serve(url, html(story(number), f"Page {number}"), headers=HTML)
            web.serve(f"{origin}/rss", rss("".join(map(item, shown))), etag=f'"{feed}"')
        web.serve("http://warm.example/rss", rss(""))
        named = "".join(f'[[feed]]\nname = "F{n}"\nurl = "http://flow-{n}.example/rss"\n' for n in range(feeds))
        (folder / FEEDS).write_text(named, "utf-8")
        (folder / WARM).write_text('[[feed]]\nname = "warm"\nurl = "http://warm.example/rss"\n', "utf-8")
        (folder / STORY).write_text(EVERYTHING, "utf-8")
        print(web.http_port, flush=True)
        sys.stdin.read()


def run_once(how: str, port: int, folder: Path, name: str, feeds: str) -> None:
    """One run in this process; says what it cost."""
    from flows import pipeline, settings, watch
    from flows.world import World, in_world

    world = World(resolver=LoopbackResolver({80: port}, addresses={}, unknown=set()))
    given: dict[str, Any] = {"feeds_file": folder / feeds, "story_file": folder / STORY, "data_dir": folder / name}
    os.environ |= {"STORYWATCH_ASK_ALL_FEEDS": "true", "STORYWATCH_HOST_DELAY_SECONDS": "0"}
    if how == "flow":
        from flows.monitor import monitor
    imports = Imports()
    began, cpu = time.monotonic(), cpu_seconds()
    if how == "flow":
        with in_world(world):
            report: RunReport = monitor(**given)
    else:
        report = pipeline.run(watch.prepare(settings.load_settings(given), world), command="monitor")
    told = {"client": cpu_seconds() - cpu - imports.seconds, "wall": time.monotonic() - began}
    told |= {"fetched": report.fetched, "unchanged": report.feeds_unchanged}
    print("\n" + json.dumps(told | {"loaded": report.ledger_outcomes.get("loaded", 0)}))


def measured(how: str, port: int, folder: Path, feeds: str, server: psutil.Process | None, idle: float) -> Cost:
    """A run in a process of its own. `idle`: CPU seconds a second that the server takes for nobody."""
    before = tree_seconds(server) if server else 0.0
    name = "warm" if feeds == WARM else how
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.flow", "--run", how, str(port), str(folder), name, feeds],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=(folder / f"{name}.log").open("a"),
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit((folder / f"{name}.log").read_text("utf-8")[-3000:])
    spent = 0.0
    if server:
        time.sleep(SETTLE_SECONDS)
        spent = tree_seconds(server) - before - idle * SETTLE_SECONDS
    return Cost(server=spent, **json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def web(feeds: int, pages: int, folder: Path) -> Iterator[int]:
    """The web, in a process of its own; its port."""
    command = [sys.executable, "-m", "benchmarks.flow", "--serve", str(feeds), str(pages), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextmanager
def prefect_server(folder: Path) -> Iterator[psutil.Process]:
    """A server as `storywatch up` starts it; the runs of this process' children are recorded there meanwhile."""
    plan = Plan(data_dir=folder / "server", folder=folder, port=free_port())
    plan.home.mkdir(parents=True)
    environment = plan.environment(os.environ)
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(plan.port)]
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        ends = time.monotonic() + START_SECONDS
        while not _is_healthy(plan.api_url):
            if time.monotonic() > ends or process.poll() is not None:
                sys.exit((folder / "server.log").read_text("utf-8")[-3000:])
            time.sleep(0.5)
        os.environ |= {key: value for key, value in environment.items() if key.startswith("PREFECT_")}
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _is_healthy(api_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def compare(feeds: int, pages: int, folder: Path) -> tuple[bool, list[str]]:
    """(whether both bounds hold, lines for people)."""
    with web(feeds, pages, folder) as port:
        plain = measured("plain", port, folder, FEEDS, None, 0.0)
        plain_idle = measured("plain", port, folder, FEEDS, None, 0.0)
        with prefect_server(folder) as server:
            measured("flow", port, folder, WARM, server, 0.0)
            before = tree_seconds(server)
            time.sleep(IDLE_SECONDS)
            idle = (tree_seconds(server) - before) / IDLE_SECONDS
            flow = measured("flow", port, folder, FEEDS, server, idle)
            flow_idle = measured("flow", port, folder, FEEDS, server, idle)
    assert plain.fetched == flow.fetched == pages, (plain, flow)
    assert plain.loaded == flow.loaded
    assert plain_idle.unchanged == flow_idle.unchanged == feeds, (plain_idle, flow_idle)
    rows = (("plain", plain), ("flow", flow), ("plain, all 304", plain_idle), ("flow, all 304", flow_idle))
    told = [f"{'CPU seconds':<16}{'client':>9}{'server':>9}{'total':>9}{'wall':>9}"]
    told += [f"{name:<16}{one.client:9.2f}{one.server:9.2f}{one.total:9.2f}{one.wall:9.1f}" for name, one in rows]
    ratio = flow.total / plain.total
    told.append(f"{pages} pages: {ratio:.3f} times the CPU of the plain functions (at most {MOST_RATIO})")
    told.append(f"{feeds} feeds, all 304: {flow_idle.total:.2f} s of CPU (at most {MOST_IDLE_SECONDS})")
    told.append(f"the server takes {idle:.3f} s of CPU a second for nobody; in a run it is counted")
    return ratio <= MOST_RATIO and flow_idle.total <= MOST_IDLE_SECONDS, told


def main() -> None:
    """The command line; the first two forms are its own children."""
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        return
    if sys.argv[1:2] == ["--run"]:
        run_once(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5], sys.argv[6])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is missed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        holds, told = compare(given.feeds, given.pages, Path(folder))
    print("\n".join(told))
    if given.check and not holds:
        sys.exit(1)


if __name__ == "__main__":
    main()
